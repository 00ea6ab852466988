// Lower-casing through utf8proc, with the two letters whose lower case is not one letter for another.
#include "text/lower_case.h"

#include <utf8proc.h>

#include "text/pieces.h"

namespace batchwise {
namespace {

constexpr int32_t kDottedI = 0x130, kSigma = 0x3A3, kFinalSigma = 0x3C2;

int32_t code_point(std::string_view bytes) {
  utf8proc_int32_t point = -1;
  utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(bytes.data()), static_cast<utf8proc_ssize_t>(bytes.size()),
                   &point);
  return point;
}

bool is_ignored(int32_t point) {  // between the letters of a word: marks, apostrophes, and the like
  const auto category = utf8proc_category(point);
  return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_ME || category == UTF8PROC_CATEGORY_CF ||
         category == UTF8PROC_CATEGORY_LM || category == UTF8PROC_CATEGORY_SK || point == '\'' || point == '.' ||
         point == ':' || point == 0xB7 || point == 0x2019;
}
bool is_cased(int32_t point) { return utf8proc_tolower(point) != point || utf8proc_toupper(point) != point; }

// A letter stands before the sigma at `at`, and none behind it.
bool ends_word(std::string_view text, size_t at, size_t bytes) {
  bool before = false;
  for (size_t i = 0; i < at;) {
    const int size = code_point_bytes(text.substr(i));
    const int32_t point = size > 0 ? code_point(text.substr(i)) : -1;
    if (point < 0 || !is_ignored(point)) before = point >= 0 && is_cased(point);
    i += static_cast<size_t>(size > 0 ? size : 1);
  }
  for (size_t i = at + bytes; i < text.size();) {
    const int32_t point = code_point(text.substr(i));
    if (point < 0 || !is_ignored(point)) return before && !(point >= 0 && is_cased(point));
    i += static_cast<size_t>(code_point_bytes(text.substr(i)));
  }
  return before;
}

}  // namespace

std::string lower_case(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const int size = code_point_bytes(text.substr(at));
    if (size == 0) {
      out += text[at++];
      continue;
    }
    const int32_t point = code_point(text.substr(at));
    const bool final_sigma = point == kSigma && ends_word(text, at, static_cast<size_t>(size));
    const int32_t lowered = final_sigma ? kFinalSigma : point == kDottedI ? 'i' : utf8proc_tolower(point);
    utf8proc_uint8_t bytes[4];
    out.append(reinterpret_cast<const char*>(bytes), static_cast<size_t>(utf8proc_encode_char(lowered, bytes)));
    if (point == kDottedI) out += "\xCC\x87";  // the dot stays, as a mark
    at += static_cast<size_t>(size);
  }
  return out;
}

}  // namespace batchwise
