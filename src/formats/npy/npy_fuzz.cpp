// Fuzzes .npy files: a header that is accepted describes exactly the bytes that follow, and texts lie inside them.
#include <algorithm>
#include <cstdlib>

#include "formats/npy/npy.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace batchwise;
  try {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const NpyHeader header = parse_npy_header(bytes.substr(0, kMaxNpyHeader), static_cast<int64_t>(size), "fuzz");
    if (header.data_offset + header.data_bytes() != static_cast<int64_t>(size)) std::abort();
    if (header.dtype != DType::String) return 0;
    const Array texts = npy_texts(header, bytes.substr(static_cast<size_t>(header.data_offset)));
    size_t all = 0;
    for (const std::string_view text : texts.values<std::string_view>()) all += text.size();
    if (all > size) std::abort();  // UTF-8 takes at most the 4 bytes of a code point
  } catch (const Error&) {}
  return 0;
}
