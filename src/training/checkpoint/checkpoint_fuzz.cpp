// Fuzzes the checkpoint reader behind its checksums: any sections are refused, or can be read by their names.
#include <cstdint>
#include <cstring>
#include <string>

#include <unistd.h>
#include <xxhash.h>

#include <sys/mman.h>

#include <batchwise/error.h>

#include "training/checkpoint/checkpoint.h"
#include "training/checkpoint/checkpoint_format.h"

namespace batchwise {
namespace {

// Checksums that are right, as far as the sections can be followed: else nothing behind them would be reached.
void seal(std::string& file) {
  const auto put = [&](size_t begin, size_t end) {
    const uint64_t hash = XXH3_64bits(file.data() + begin, end - begin);
    std::memcpy(file.data() + end, &hash, sizeof hash);
  };
  if (file.size() < static_cast<size_t>(kPreambleBytes)) return;
  std::memcpy(file.data(), kCheckpointMagic, 8);
  put(0, kPreambleBytes - 8);
  for (size_t at = kPreambleBytes; file.size() - at >= sizeof(SectionStart);) {
    SectionStart start;
    std::memcpy(&start, file.data() + at, sizeof start);
    const size_t left = file.size() - at - sizeof start;
    if (start.bytes > left || start.name_bytes + start.bytes + 8 > left) return;
    const size_t end = at + sizeof start + start.name_bytes + static_cast<size_t>(start.bytes);
    put(at, end);
    at = end + 8;
  }
}

}  // namespace
}  // namespace batchwise

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace batchwise;
  std::string bytes(reinterpret_cast<const char*>(data), size);
  seal(bytes);
  const int file = ::memfd_create("fuzz", 0);
  if (file < 0 || ::write(file, bytes.data(), size) != static_cast<ssize_t>(size)) return 0;
  try {
    const CheckpointReader reader("/proc/self/fd/" + std::to_string(file));
    for (const char* name : {"", "a", "weights"})
      if (reader.has(name)) {
        float one = 0;
        try {
          reader.tensor(name, {&one, 1});
        } catch (const Error&) {}
        reader.blob(name);
      }
  } catch (const Error&) {}
  ::close(file);
  return 0;
}
