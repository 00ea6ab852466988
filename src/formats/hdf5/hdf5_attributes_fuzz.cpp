// Fuzzes what is read of HDF5 files without libhdf5: headers of objects, and texts in the global heap.
#include <cstdint>
#include <cstring>
#include <string>

#include <batchwise/error.h>

#include "formats/hdf5/hdf5_global_heap.h"
#include "formats/hdf5/hdf5_object_header.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace batchwise;
  if (size < 32) return 0;
  uint16_t header = 0, heap = 0, index = 0, length = 0;
  std::memcpy(&header, data, 2);
  std::memcpy(&heap, data + 2, 2);
  std::memcpy(&index, data + 4, 2);
  std::memcpy(&length, data + 6, 2);
  const auto bytes = hdf5_bytes_in_memory(std::string(reinterpret_cast<const char*>(data) + 8, size - 8));
  try {
    hdf5_raw_attribute(*bytes, header, "a", "fuzz");
  } catch (const Error&) {}
  Hdf5GlobalHeap texts;
  for (uint64_t next = 0; next < 4; ++next) try {
      texts.text(*bytes, heap, index + next, length, "fuzz");
    } catch (const Error&) {}
  return 0;
}
