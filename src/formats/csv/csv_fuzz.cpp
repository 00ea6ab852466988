// Fuzzes .csv records and what their fields say: every file is read to its end, or refused with an Error.
#include <cstdlib>

#include <unistd.h>

#include <sys/mman.h>

#include <batchwise/error.h>

#include "formats/csv/csv_fields.h"
#include "formats/csv/csv_records.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace batchwise;
  const int descriptor = ::memfd_create("fuzz", 0);
  if (descriptor < 0 || ::write(descriptor, data, size) != static_cast<ssize_t>(size)) return 0;
  try {
    CsvRecords records("/proc/self/fd/" + std::to_string(descriptor));
    size_t bytes = 0;
    while (records.next())
      for (const std::string& field : records.fields()) {
        bytes += field.size();
        float number;
        int64_t integer;
        double days = 0;
        parse_number(field, &number);
        parse_integer(field, &integer);
        if (parse_date(field, &days) && !(days > -1e6 && days < 4e6)) std::abort();
      }
    if (bytes > size) std::abort();
  } catch (const Error&) {}
  ::close(descriptor);
  return 0;
}
