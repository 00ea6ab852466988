// UTF-8 as Unicode defines it: shortest forms, no surrogates, nothing above U+10FFFF.
#include "base/utf8.h"

#include <batchwise/error.h>

namespace batchwise {

size_t utf8_length(std::string_view text) {
  const auto byte = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const auto follows = [&](size_t i, unsigned low = 0x80, unsigned high = 0xbf) {
    return byte(i) >= low && byte(i) <= high;
  };
  const unsigned first = byte(0);
  if (text.empty()) return 0;
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return follows(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef)
    return follows(1, first == 0xe0 ? 0xa0 : 0x80, first == 0xed ? 0x9f : 0xbf) && follows(2) ? 3 : 0;
  if (first >= 0xf0 && first <= 0xf4)
    return follows(1, first == 0xf0 ? 0x90 : 0x80, first == 0xf4 ? 0x8f : 0xbf) && follows(2) && follows(3) ? 4 : 0;
  return 0;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const size_t length = utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

void require_utf8(const Config& value, std::string_view where, std::string_view cure) {
  const auto check = [&](const std::string& text) {
    require(is_utf8(text), where, "names and paths that are kept must be UTF-8. Got \"", text, "\". ", cure);
  };
  if (value.is_string()) check(value.as_string());
  if (value.is_list())
    for (const Config& item : value.as_list()) require_utf8(item, where, cure);
  if (value.is_object())
    for (const auto& [key, item] : value.as_object()) {
      check(key);
      require_utf8(item, where, cure);
    }
}

}  // namespace batchwise
