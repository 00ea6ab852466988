// Numbers for readers.
#include "report/html/quantity.h"

#include <cmath>

#include <gtest/gtest.h>

namespace batchwise {
namespace {

TEST(Quantity, NumbersHaveTheDigitsThatTellSomething) {
  EXPECT_EQ(show(0.001, Unit::Number), "0.001");
  EXPECT_EQ(show(0.88714, Unit::Number), "0.8871");
  EXPECT_EQ(show(123.456, Unit::Number), "123.5");
  EXPECT_EQ(show(1.2344e-7, Unit::Number), "1.234e-7");
  EXPECT_EQ(show(1e-5, Unit::Number), "1e-5");
  EXPECT_EQ(show(0, Unit::Number), "0");
  EXPECT_EQ(show(-2.5, Unit::Number), "-2.5");
  EXPECT_EQ(show(0.33, Unit::Metric), "0.3300");
  EXPECT_EQ(show(0.0000123, Unit::Metric), "1.2300e-05");
}

TEST(Quantity, CountsAreGrouped) {
  EXPECT_EQ(show(60000, Unit::Count), "60,000");
  EXPECT_EQ(show(812.4, Unit::Count), "812");
  EXPECT_EQ(show(1.25, Unit::Count), "1.2");
  EXPECT_EQ(show_short(60000, Unit::Count), "60k");
  EXPECT_EQ(show_short(2048, Unit::Count), "2,048");
  EXPECT_EQ(show_short(1250000, Unit::Count), "1.25M");
}

TEST(Quantity, BytesAndTimesHaveTheirUnits) {
  EXPECT_EQ(show(25.3 * 1048576, Unit::Bytes), "25.3 MiB");
  EXPECT_EQ(show_short(16 * 1048576, Unit::Bytes), "16 MiB");
  EXPECT_EQ(show(0.00005, Unit::Seconds), "50 µs");
  EXPECT_EQ(show(0.25, Unit::Seconds), "250 ms");
  EXPECT_EQ(show(9.638, Unit::Seconds), "9.64 s");
  EXPECT_EQ(show(94.4, Unit::Seconds), "1 min 34 s");
  EXPECT_EQ(show(7260, Unit::Seconds), "2 h 1 min");
  EXPECT_EQ(show_short(180, Unit::Seconds), "3 min");
  EXPECT_EQ(show_short(5400, Unit::Seconds), "1.5 h");
}

TEST(Quantity, WhatIsNotFiniteIsSaidInEveryUnit) {
  for (const Unit unit : {Unit::Number, Unit::Metric, Unit::Count, Unit::Bytes, Unit::Seconds})
    for (const auto& show_it : {show, show_short}) {
      EXPECT_EQ(show_it(std::nan(""), unit), "not a number");
      EXPECT_EQ(show_it(INFINITY, unit), "∞");
      EXPECT_FALSE(show_it(1e300, unit).empty());
      EXPECT_FALSE(show_it(-1e300, unit).empty());
      EXPECT_FALSE(show_it(5e-324, unit).empty());
    }
}

}  // namespace
}  // namespace batchwise
