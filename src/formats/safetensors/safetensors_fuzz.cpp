// Fuzzes the safetensors reader: any bytes are refused, or give arrays that lie in the file.
#include <cstdint>
#include <string>

#include <unistd.h>

#include <sys/mman.h>

#include <batchwise/error.h>

#include "formats/safetensors/safetensors.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace batchwise;
  const int file = ::memfd_create("fuzz", 0);
  if (file < 0 || ::write(file, data, size) != static_cast<ssize_t>(size)) return 0;
  try {
    const SafetensorsReader reader("/proc/self/fd/" + std::to_string(file));
    for (const auto& [name, array] : reader.arrays()) {
      if (array.dtype != "F32" && array.dtype != "F16") continue;
      reader.floats(name, array.shape);
    }
  } catch (const Error&) {}
  ::close(file);
  return 0;
}
