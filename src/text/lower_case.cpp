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

// No letter of the word stands at the start of `text`, what is ignored left out.
bool word_is_over(std::string_view text) {
  while (!text.empty()) {
    const int32_t point = code_point(text);
    if (point < 0 || !is_ignored(point)) return point < 0 || !is_cased(point);
    text.remove_prefix(static_cast<size_t>(code_point_bytes(text)));
  }
  return true;
}

}  // namespace

std::string lower_case(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  const bool has_sigma = text.find("\xCE\xA3") != std::string_view::npos;
  bool in_word = false;  // a letter stands before, what is ignored left out; of texts with a sigma
  for (size_t at = 0; at < text.size();) {
    const int size = code_point_bytes(text.substr(at));
    if (size == 0) {
      out += text[at++];
      in_word = false;
      continue;
    }
    const int32_t point = code_point(text.substr(at));
    at += static_cast<size_t>(size);
    // Looks on as far as the next sigma at most: all of them together see the text once.
    const bool final_sigma = point == kSigma && in_word && word_is_over(text.substr(at));
    const int32_t lowered = final_sigma ? kFinalSigma : point == kDottedI ? 'i' : utf8proc_tolower(point);
    utf8proc_uint8_t bytes[4];
    out.append(reinterpret_cast<const char*>(bytes), static_cast<size_t>(utf8proc_encode_char(lowered, bytes)));
    if (point == kDottedI) out += "\xCC\x87";  // the dot stays, as a mark
    if (has_sigma && !is_ignored(point)) in_word = is_cased(point);
  }
  return out;
}

}  // namespace batchwise
