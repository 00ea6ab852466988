// Texts of .npy files: places of one width, filled up with zeros; code points in 4 bytes each become UTF-8.
#include "formats/npy/npy.h"

namespace batchwise {
namespace {

// What is no code point becomes U+FFFD.
void append_utf8(std::string& text, uint32_t code) {
  if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) code = 0xfffd;
  const auto tail = [&](int shift) { text += static_cast<char>(0x80 | (code >> shift & 0x3f)); };
  if (code < 0x80) {
    text += static_cast<char>(code);
  } else if (code < 0x800) {
    text += static_cast<char>(0xc0 | code >> 6);
    tail(0);
  } else if (code < 0x10000) {
    text += static_cast<char>(0xe0 | code >> 12);
    tail(6);
    tail(0);
  } else {
    text += static_cast<char>(0xf0 | code >> 18);
    tail(12);
    tail(6);
    tail(0);
  }
}

uint32_t code_at(const char* bytes, bool swapped) {
  uint32_t code = 0;
  for (int i = 0; i < 4; ++i)
    code |= static_cast<uint32_t>(static_cast<unsigned char>(bytes[i])) << 8 * (swapped ? 3 - i : i);
  return code;
}

}  // namespace

Array npy_texts(const NpyHeader& header, std::string_view bytes) {
  std::vector<std::string> texts(static_cast<size_t>(header.shape.count()));
  const size_t width = static_cast<size_t>(header.text_bytes);
  for (size_t i = 0; i < texts.size(); ++i) {
    const std::string_view place = bytes.substr(i * width, width);
    if (!header.text_is_wide) {
      texts[i] = place.substr(0, place.find_last_not_of('\0') + 1);
      continue;
    }
    size_t end = place.size();
    while (end > 0 && code_at(place.data() + end - 4, false) == 0) end -= 4;
    for (size_t at = 0; at < end; at += 4) append_utf8(texts[i], code_at(place.data() + at, header.swapped));
  }
  return Array::text(texts, header.shape);
}

}  // namespace batchwise
