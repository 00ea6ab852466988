// Texts of .npy files: places of one width, filled up with zeros; code points in 4 bytes each become UTF-8.
#include <algorithm>

#include "formats/npy/npy.h"

namespace batchwise {
namespace {

uint32_t code_at(const char* bytes, bool swapped) {
  uint32_t code = 0;
  for (int i = 0; i < 4; ++i)
    code |= static_cast<uint32_t>(static_cast<unsigned char>(bytes[i])) << 8 * (swapped ? 3 - i : i);
  return code;
}

// What is no code point becomes U+FFFD.
uint32_t known(uint32_t code) { return code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? 0xfffd : code; }

int64_t utf8_bytes(uint32_t code) { return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4; }

char* put_utf8(char* out, uint32_t code) {
  static constexpr uint32_t kMark[] = {0, 0, 0xc0, 0xe0, 0xf0};
  const int64_t bytes = utf8_bytes(code);
  for (int64_t i = bytes - 1; i > 0; --i, code >>= 6) out[i] = static_cast<char>(0x80 | (code & 0x3f));
  *out = static_cast<char>(kMark[bytes] | code);
  return out + bytes;
}

// The texts of a header, one after another.
class Texts {
 public:
  Texts(const NpyHeader& header, std::string_view bytes) : header_(header), bytes_(bytes) {}

  int64_t utf8_size(int64_t text) const {
    const std::string_view place = filled(text);
    if (!header_.text_is_wide) return static_cast<int64_t>(place.size());
    int64_t size = 0;
    for (size_t at = 0; at < place.size(); at += 4) size += utf8_bytes(code(place, at));
    return size;
  }
  char* put(int64_t text, char* out) const {
    const std::string_view place = filled(text);
    if (!header_.text_is_wide) return std::copy(place.begin(), place.end(), out);
    for (size_t at = 0; at < place.size(); at += 4) out = put_utf8(out, code(place, at));
    return out;
  }

 private:
  uint32_t code(std::string_view place, size_t at) const { return known(code_at(place.data() + at, header_.swapped)); }
  // The place of a text, without the zeros at its end.
  std::string_view filled(int64_t text) const {
    const auto width = static_cast<size_t>(header_.text_bytes);
    const std::string_view place = bytes_.substr(static_cast<size_t>(text) * width, width);
    const size_t end = place.find_last_not_of('\0') + 1;
    return place.substr(0, header_.text_is_wide ? (end + 3) / 4 * 4 : end);
  }

  const NpyHeader& header_;
  std::string_view bytes_;
};

}  // namespace

// All texts lie in one block: short ones take little more than their views.
Array npy_texts(const NpyHeader& header, std::string_view bytes) {
  const Texts texts(header, bytes);
  Array views(DType::String, header.shape);
  int64_t size = 0;
  for (int64_t i = 0; i < views.count(); ++i) size += texts.utf8_size(i);
  const std::shared_ptr<char[]> block(new char[static_cast<size_t>(size)]);
  char* at = block.get();
  for (int64_t i = 0; i < views.count(); ++i) {
    char* const end = texts.put(i, at);
    views.data<std::string_view>()[i] = {at, static_cast<size_t>(end - at)};
    at = end;
  }
  views.keep(block);
  return views;
}

}  // namespace batchwise
