// Fuzzes the reader of sample caches: whatever a file of the right name holds, it is another file, or its rows are what
// was written, or refused.
#include <cstring>
#include <string>

#include <unistd.h>
#include <xxhash.h>

#include <sys/mman.h>

#include <batchwise/error.h>

#include "data/sample_cache/sample_file.h"

namespace batchwise {
namespace {

// The first byte says what is made right, so that what lies behind it is reached.
enum : uint8_t { kHeader = 1, kLength = 2, kChecksums = 4 };

std::string file_of(const SampleFileLayout& layout, const uint8_t* data, size_t size) {
  const uint8_t right = size > 0 ? data[0] : 0;
  std::string file(reinterpret_cast<const char*>(data) + (size > 0), size > 0 ? size - 1 : 0);
  const std::string header = layout.header();
  const auto whole = static_cast<size_t>(layout.file_bytes());
  if (right & kHeader) file = header + file;
  if (right & kLength) file.resize(whole);
  if ((right & kChecksums) && file.size() == whole)
    for (int64_t row = 0; row < layout.rows; ++row) {
      const uint64_t hash =
          XXH3_64bits(file.data() + layout.offset(row, 0), static_cast<size_t>(layout.column_bytes[0]));
      const auto columns = static_cast<int64_t>(layout.column_bytes.size());
      std::memcpy(file.data() + layout.checksums_offset() + row * columns * 8, &hash, sizeof hash);
    }
  return file;
}

}  // namespace
}  // namespace batchwise

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace batchwise;
  const SampleFileLayout layout{"fuzz", 3, {5, 64, 0}};
  const std::string bytes = file_of(layout, data, size);
  const int file = ::memfd_create("fuzz", 0);
  if (file < 0 || ::write(file, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) return 0;
  const auto reader = SampleFile::open("/proc/self/fd/" + std::to_string(file), layout);
  for (int64_t row = 0; reader && row < layout.rows; ++row)
    for (int column = 0; column < 3; ++column) try {
        std::string read(static_cast<size_t>(layout.column_bytes[static_cast<size_t>(column)]), '\0');
        reader->read(row, column, read.data());
        if (std::memcmp(read.data(), bytes.data() + layout.offset(row, column), read.size()) != 0) __builtin_trap();
      } catch (const Error&) {}
  // Cut while it is in use.
  if (reader && ::ftruncate(file, static_cast<off_t>(size % 8192)) == 0) try {
      char row[64];
      reader->read(2, 1, row);
    } catch (const Error&) {}
  ::close(file);
  return 0;
}
