// Fuzzes the reader of TensorBoard's event files behind their checksums: any file is scalars or refused with an Error.
#include <cstring>
#include <string>

#include <unistd.h>

#include <sys/mman.h>

#include <batchwise/error.h>

#include "formats/tfevents/tfevents.h"
#include "formats/tfrecord/crc32c.h"

namespace batchwise {
namespace {

// Checksums that are right, as far as the records can be followed.
void seal(std::string& file) {
  const auto put = [&](size_t begin, size_t end) {
    const uint32_t checksum = masked_crc32c(std::string_view(file).substr(begin, end - begin));
    std::memcpy(file.data() + end, &checksum, sizeof checksum);
  };
  for (size_t at = 0; file.size() - at >= 12;) {
    put(at, at + 8);
    uint64_t bytes = 0;
    std::memcpy(&bytes, file.data() + at, sizeof bytes);
    const size_t left = file.size() - at - 12;
    if (left < 4 || bytes > left - 4) return;
    put(at + 12, at + 12 + static_cast<size_t>(bytes));
    at += 16 + static_cast<size_t>(bytes);
  }
}

void read(const std::string& bytes) {
  const int file = ::memfd_create("fuzz", 0);
  if (file < 0) return;
  if (::write(file, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size())) try {
      read_tfevents("/proc/self/fd/" + std::to_string(file));
    } catch (const Error&) {}
  ::close(file);
}

}  // namespace
}  // namespace batchwise

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace batchwise;
  std::string bytes(reinterpret_cast<const char*>(data), size);
  read(bytes);
  seal(bytes);
  read(bytes);
  return 0;
}
