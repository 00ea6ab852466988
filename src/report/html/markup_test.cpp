// Text in HTML: nothing that a file holds becomes markup, and what comes out is well-formed.
#include "report/html/markup.h"

#include <cmath>

#include <gtest/gtest.h>

namespace batchwise {
namespace {

TEST(Markup, WhatHasAMeaningInHtmlIsEscaped) {
  EXPECT_EQ(escaped("a<b>&\"c\" 'd'"), "a&lt;b&gt;&amp;&quot;c&quot; 'd'");
  EXPECT_EQ(escaped("grün µs 漢 🙂\n\t"), "grün µs 漢 🙂\n\t");
}

TEST(Markup, WhatIsNoTextBecomesTheReplacementCharacter) {
  const std::string r = "\xEF\xBF\xBD";
  EXPECT_EQ(escaped(std::string("a\0b\x01\x1b", 5)), "a" + r + "b" + r + r);
  EXPECT_EQ(escaped("\xff\xfe"), r + r);
  EXPECT_EQ(escaped("\xc3"), r) << "cut off";
  EXPECT_EQ(escaped("\xc3("), r + "(");
  EXPECT_EQ(escaped("\xc0\xaf"), r + r) << "an overlong slash";
  EXPECT_EQ(escaped("\xed\xa0\x80"), r + r + r) << "half of a pair";
  EXPECT_EQ(escaped("\xef\xbf\xbf"), r + r + r) << "no character of XML";
  EXPECT_EQ(escaped("\xf4\x90\x80\x80"), r + r + r + r) << "beyond Unicode";
}

TEST(Markup, CoordinatesAreShortAndAlwaysNumbers) {
  EXPECT_EQ(coordinate(12.5), "12.5");
  EXPECT_EQ(coordinate(100), "100");
  EXPECT_EQ(coordinate(-0.001), "0");
  EXPECT_EQ(coordinate(1.0 / 3), "0.33");
  EXPECT_EQ(coordinate(std::nan("")), "0");
  EXPECT_EQ(coordinate(-INFINITY), "0");
  EXPECT_EQ(coordinate(1e300), "1000000000");
}

}  // namespace
}  // namespace batchwise
