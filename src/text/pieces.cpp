// Standardises and splits text.
#include "text/pieces.h"

#include <utility>

#include <utf8proc.h>

#include <batchwise/error.h>

namespace batchwise {

Standardize standardize_named(std::string_view name, std::string_view where) {
  if (name == "lower_and_strip_punctuation") return {true, true};
  if (name == "lower") return {true, false};
  if (name == "strip_punctuation") return {false, true};
  fail(where, "standardize must be \"lower_and_strip_punctuation\", \"lower\", \"strip_punctuation\" or null. Got \"",
       name, "\".");
}

Split split_named(std::string_view name, std::string_view where) {
  if (name == "whitespace") return Split::Whitespace;
  if (name == "character") return Split::Character;
  fail(where, "split must be \"whitespace\", \"character\" or null. Got \"", name, "\".");
}

bool Piece::empty() const {
  bool none = true;
  each_byte([&](unsigned char) { return none = false; });
  return none;
}

std::string Piece::shown() const {
  std::string bytes;
  each_byte([&](unsigned char byte) {
    bytes += static_cast<char>(byte);
    return true;
  });
  return bytes;
}

int code_point_bytes(std::string_view text) {
  utf8proc_int32_t point = 0;
  const auto bytes = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                      static_cast<utf8proc_ssize_t>(text.size()), &point);
  return bytes > 0 ? static_cast<int>(bytes) : 0;
}

bool Pieces::next(Piece* piece) {
  if (split_ == Split::None) {
    *piece = {rest_, standardize_};
    return !std::exchange(done_, true);
  }
  while (!rest_.empty()) {
    size_t size = 0;
    std::string_view text;
    if (split_ == Split::Character) {
      size = static_cast<size_t>(code_point_bytes(rest_));
      text = size > 0 ? rest_.substr(0, size) : std::string_view("\xEF\xBF\xBD");
      if (size == 0) size = 1;
    } else {
      while (size < rest_.size() && !is_ascii_space(static_cast<unsigned char>(rest_[size]))) ++size;
      text = rest_.substr(0, size);
      if (size == 0) size = 1;
    }
    rest_.remove_prefix(size);
    *piece = {text, standardize_};
    if (!piece->empty()) return true;  // nothing but punctuation is no token
  }
  return false;
}

}  // namespace batchwise
