// Fuzzes IDX files, plain and gzip: whatever the bytes, an array or an Error.
#include <unistd.h>

#include <fcntl.h>
#include <sys/mman.h>

#include "formats/idx/idx.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace batchwise;
  const int file = ::memfd_create("fuzz", 0);
  if (file < 0 || ::write(file, data, size) != static_cast<ssize_t>(size)) return 0;
  try {
    read_idx("/proc/self/fd/" + std::to_string(file));
  } catch (const Error&) {}
  ::close(file);
  return 0;
}
