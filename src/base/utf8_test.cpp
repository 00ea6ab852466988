// UTF-8: the edges of what is well formed.
#include "base/utf8.h"

#include <gtest/gtest.h>

#include <batchwise/error.h>

namespace batchwise {
namespace {

TEST(Utf8, CharactersOfEveryLengthAreWellFormed) {
  for (const char* text : {"", "a", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
                           "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "caf\xc3\xa9 \xe2\x82\xac"})
    EXPECT_TRUE(is_utf8(text)) << text;
  EXPECT_TRUE(is_utf8(std::string_view("a\0b", 3)));
}

TEST(Utf8, OtherBytesLongFormsSurrogatesAndCutCharactersAreNot) {
  for (const char* text : {"caf\xe9", "\x80", "\xc0\x80", "\xc1\xbf", "\xc3", "\xc3(", "\xe0\x9f\xbf", "\xe2\x82",
                           "\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff"})
    EXPECT_FALSE(is_utf8(text)) << text;
}

TEST(Utf8, WhatWouldNotBeReadBackIsRefusedWhereverItStands) {
  EXPECT_NO_THROW(require_utf8(Config::object({{"a", Config::List{"b", 1, nullptr}}}), "run", ""));
  const Config::List bad = {Config("\xff"), Config::object({{"\xff", 1}}),
                            Config::object({{"a", Config::List{"\xff"}}})};
  for (const Config& value : bad) EXPECT_THROW(require_utf8(value, "run", "Rename it."), Error);
}

}  // namespace
}  // namespace batchwise
