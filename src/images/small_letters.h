// Text in pictures: letters of 5 x 8 dots.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace batchwise {

constexpr int64_t kLetterWidth = 6, kLetterHeight = 8;  // of a letter with the space behind it, in dots

// One byte for each letter that is drawn: ASCII; letters of other Latin alphabets without their accents; for what is
// neither, or no UTF-8, a box (127).
std::string letters_of(std::string_view utf8);

// Draws letters into a picture of RGB, `width` pixels wide, with their top left corner at its first pixel: as many as
// fit. REQUIRES: kLetterHeight * scale rows.
void draw_letters(std::string_view letters, int64_t scale, uint8_t ink, uint8_t* pixels, int64_t width);

}  // namespace batchwise
