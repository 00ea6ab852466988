// Text cut into tokens where it lies: standardised and split while it is walked over, without copies.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace batchwise {

// Keras's words of TextVectorization. Lower-casing and punctuation are ASCII alone, as TensorFlow's are.
struct Standardize {
  bool lower = false;
  bool strip_punctuation = false;
};
enum class Split { None, Whitespace, Character };

// "lower_and_strip_punctuation", "lower", "strip_punctuation". Throws Error for other words.
Standardize standardize_named(std::string_view name, std::string_view where);
Split split_named(std::string_view name, std::string_view where);  // "whitespace", "character"

constexpr bool is_ascii_punctuation(unsigned char c) {
  return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
}
constexpr bool is_ascii_space(unsigned char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// A stretch of text as its standardisation shows it. See each_byte.
struct Piece {
  std::string_view text;
  Standardize standardize;

  template <class See>
  void each_byte(See see) const {  // see(byte) -> go on?
    for (const char c : text) {
      auto byte = static_cast<unsigned char>(c);
      if (standardize.strip_punctuation && is_ascii_punctuation(byte)) continue;
      if (standardize.lower && byte >= 'A' && byte <= 'Z') byte = static_cast<unsigned char>(byte - 'A' + 'a');
      if (!see(byte)) return;
    }
  }
  bool empty() const;
  std::string shown() const;  // the standardised bytes
};

// The tokens of a text, one after another. Splitting by characters gives code points; bytes that are no UTF-8 give
// U+FFFD each. Without a split the whole text is the only token, even when it is empty.
class Pieces {
 public:
  Pieces(std::string_view text, Standardize standardize, Split split)
      : rest_(text), standardize_(standardize), split_(split) {}
  bool next(Piece* piece);

 private:
  std::string_view rest_;
  Standardize standardize_;
  Split split_;
  bool done_ = false;
};

// Bytes of the code point that `text` starts with; 0 where the bytes are no UTF-8. REQUIRES: text is not empty.
int code_point_bytes(std::string_view text);

}  // namespace batchwise
