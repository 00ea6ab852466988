// Numbers as text.
#include "base/number_text.h"

#include <gtest/gtest.h>

#include <limits>

namespace batchwise {
namespace {

TEST(NumberText, DigitsAreGroupedInThrees) {
  EXPECT_EQ(grouped_digits(0), "0");
  EXPECT_EQ(grouped_digits(999), "999");
  EXPECT_EQ(grouped_digits(1000), "1,000");
  EXPECT_EQ(grouped_digits(1234567), "1,234,567");
  EXPECT_EQ(grouped_digits(-123), "-123");
  EXPECT_EQ(grouped_digits(-1234), "-1,234");
}

TEST(NumberText, NumbersAreRoundedToFourDigits) {
  EXPECT_EQ(rounded_number(0), "0");
  EXPECT_EQ(rounded_number(0.00171783), "0.001718");
  EXPECT_EQ(rounded_number(9999.4), "9999");
  EXPECT_EQ(rounded_number(42974.2), "42,970");
  EXPECT_EQ(rounded_number(-1234567), "-1,235,000");
  EXPECT_EQ(rounded_number(std::numeric_limits<double>::infinity()), "inf");
}

}  // namespace
}  // namespace batchwise
