// Numbers as text.
#include "base/number_text.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace batchwise
