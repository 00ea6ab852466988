// Fuzzes the header of .npy files: a header that is accepted describes exactly the bytes that follow.
#include <algorithm>
#include <cstdlib>

#include "formats/npy/npy.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace batchwise;
  try {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const NpyHeader header = parse_npy_header(bytes.substr(0, kMaxNpyHeader), static_cast<int64_t>(size), "fuzz");
    if (header.data_offset + header.data_bytes() != static_cast<int64_t>(size)) std::abort();
  } catch (const Error&) {}
  return 0;
}
