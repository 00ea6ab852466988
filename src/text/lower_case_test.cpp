// Lower case is Python's, and takes time in proportion to the text.
#include "text/lower_case.h"

#include <chrono>
#include <utility>

#include <gtest/gtest.h>

namespace batchwise {
namespace {

TEST(LowerCase, HasTheSigmaOfPythonAtTheEndsOfWords) {
  const std::pair<const char*, const char*> cases[] = {
      // clang-format off
      {"\316\243", "\317\203"},
      {"\316\221\316\243", "\316\261\317\202"},
      {"\316\221\316\243\316\221", "\316\261\317\203\316\261"},
      {"\316\221\316\243 \316\221\316\243", "\316\261\317\202 \316\261\317\202"},
      {"\316\221'\316\243", "\316\261'\317\202"},
      {"'\316\243", "'\317\203"},
      {"\316\221\316\243'", "\316\261\317\202'"},
      {"\316\221\316\243'\316\221", "\316\261\317\203'\316\261"},
      {"\316\221\316\243\314\201.", "\316\261\317\202\314\201."},
      {"\316\221 \314\201\316\243", "\316\261 \314\201\317\203"},
      {"\316\243\316\243\316\243", "\317\203\317\203\317\202"},
      {"\316\221\316\243\316\243", "\316\261\317\203\317\202"},
      {"\316\221\316\243.\316\243", "\316\261\317\203.\317\202"},
      {"\316\221\316\243\302\267\342\200\231", "\316\261\317\202\302\267\342\200\231"},
      {"1\316\243", "1\317\203"},
      {"a\316\2431", "a\317\2021"},
      {"\304\260\316\243", "i\314\207\317\202"},
      {"\316\221\316\243\012", "\316\261\317\202\012"},
      {"\316\221.\314\201\316\243\314\201a", "\316\261.\314\201\317\203\314\201a"},
      // clang-format on
  };
  for (const auto& [upper, lower] : cases) EXPECT_EQ(lower_case(upper), lower) << upper;
  EXPECT_EQ(lower_case("A\377\316\243"), "a\377\317\203");  // bytes that are no UTF-8 end a word
  EXPECT_EQ(lower_case("A\316\243\377"), "a\317\202\377");
}

TEST(LowerCase, OfManySigmasTakesNoLongerForEach) {
  std::string words, word, upper;
  for (int i = 0; i < 250'000; ++i) {
    upper += "\316\221\316\243 ";
    words += "\316\261\317\202 ";
  }
  for (int i = 0; i < 250'000; ++i) upper += "\316\243'", word += "\317\203'";
  word.replace(word.size() - 3, 2, "\317\202");
  const auto start = std::chrono::steady_clock::now();
  EXPECT_TRUE(lower_case(upper) == words + word);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(800));
}

}  // namespace
}  // namespace batchwise
