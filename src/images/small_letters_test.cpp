// Facts of text in pictures.
#include "images/small_letters.h"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

namespace batchwise {
namespace {

TEST(SmallLetters, StandForLatinLettersAndABoxForTheRest) {
  EXPECT_EQ(letters_of("Bees 12"), "Bees 12");
  EXPECT_EQ(letters_of("caf\u00e9 \u0141\u00f3d\u017a"), "cafe Lodz");
  EXPECT_EQ(letters_of("cafe\u0301"), "cafe");
  EXPECT_EQ(letters_of("a\u4e2d\U0001f41db\n"),
            "a\x7f\x7f"
            "b\x7f");
  EXPECT_EQ(letters_of("a\xe4z\xff"), "a\x7fz\x7f");
  EXPECT_EQ(letters_of("a\xe4"), "a\x7f");
}

// The picture of one letter as text.
std::vector<std::string> picture(const std::string& letter) {
  std::vector<uint8_t> pixels(static_cast<size_t>(kLetterWidth * kLetterHeight * 3), 255);
  draw_letters(letter, 1, 0, pixels.data(), kLetterWidth);
  std::vector<std::string> rows;
  for (int64_t y = 0; y < kLetterHeight; ++y) {
    rows.emplace_back();
    for (int64_t x = 0; x < kLetterWidth; ++x)
      rows.back() += pixels[static_cast<size_t>((y * kLetterWidth + x) * 3)] == 0 ? '#' : '.';
  }
  return rows;
}

TEST(SmallLetters, AreDrawnAsTheyLookAndAllDiffer) {
  EXPECT_EQ(picture("T"),
            (std::vector<std::string>{"#####.", "..#...", "..#...", "..#...", "..#...", "..#...", "..#...", "......"}));
  std::vector<std::vector<std::string>> all;
  for (char letter = ' '; letter <= '~'; ++letter) all.push_back(picture(std::string(1, letter)));
  all.push_back(picture("\x7f"));
  std::sort(all.begin(), all.end());
  EXPECT_EQ(std::adjacent_find(all.begin(), all.end()), all.end());
}

TEST(SmallLetters, StayInsideThePicture) {
  std::vector<uint8_t> pixels(static_cast<size_t>(30 * 16 * 3), 255);
  draw_letters("abcdef", 2, 0, pixels.data(), 30);  // two of 12 dots fit
  for (int64_t y = 0; y < 16; ++y)
    for (int64_t x = 24; x < 30; ++x) EXPECT_EQ(pixels[static_cast<size_t>((y * 30 + x) * 3)], 255);
}

}  // namespace
}  // namespace batchwise
