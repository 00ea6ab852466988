// Scales and their marks.
#include "report/html/scale.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

namespace batchwise {
namespace {

using Marks = std::vector<double>;

TEST(Scale, MarksAreRoundNumbersWithin) {
  EXPECT_EQ(Scale({}, {0, 10}, 0).marks(5), (Marks{0, 2, 4, 6, 8, 10}));
  EXPECT_EQ(Scale({}, {0.13, 0.88}, 0).marks(4), (Marks{0.2, 0.4, 0.6000000000000001, 0.8}));
  EXPECT_EQ(Scale({.unit = Unit::Bytes}, {0, 20 << 20}, 0).marks(5),
            (Marks{0, 4 << 20, 8 << 20, 12 << 20, 16 << 20, 20 << 20}));
  EXPECT_EQ(Scale({.unit = Unit::Seconds}, {0, 300}, 0).marks(5), (Marks{0, 60, 120, 180, 240, 300}));
  EXPECT_EQ(Scale({.unit = Unit::Count}, {0, 2}, 0).marks(6), (Marks{0, 1, 2})) << "there are no half samples";
  EXPECT_EQ(Scale({.logarithmic = true}, {0.001, 10}, 0).marks(6), (Marks{0.001, 0.01, 0.1, 1, 10}));
  EXPECT_EQ(Scale({.logarithmic = true}, {1, 100}, 0).marks(6), (Marks{1, 2, 5, 10, 20, 50, 100}));
}

TEST(Scale, GivenMarksAreKeptWhereTheyLieWithin) {
  const Scale scale({.logarithmic = true, .at = {16, 32, 128, 512, 4096, -1}}, {32, 512}, 0);
  EXPECT_EQ(scale.marks(5), (Marks{32, 128, 512}));
  EXPECT_NEAR(scale.place(128), 0.5, 1e-12);
}

TEST(Scale, PlacesGoFromNoughtToOne) {
  const Scale linear({}, {-5, 15}, 0);
  EXPECT_DOUBLE_EQ(linear.place(-5), 0);
  EXPECT_DOUBLE_EQ(linear.place(0), 0.25);
  EXPECT_DOUBLE_EQ(linear.place(15), 1);
  EXPECT_DOUBLE_EQ(Scale({.from_zero = true}, {10, 20}, 0).place(10), 0.5);
  EXPECT_GE(Scale({}, {0.2, 0.9}, 0.5).least(), 0) << "no room below zero where nothing is";
}

TEST(Scale, NoValueOneValueAndValuesThatAreNotFiniteHaveAScaleToo) {
  EXPECT_TRUE(Scale({}, {}, 0).empty());
  EXPECT_TRUE(Scale({}, {std::nan(""), INFINITY}, 0).empty());
  for (const bool logarithmic : {false, true})
    for (const Marks& values : {Marks{}, Marks{7}, Marks{7, 7}, Marks{0}, Marks{-3}, Marks{std::nan(""), 7},
                                Marks{1e-300, 1e300}, Marks{-1e308, 1e308}, Marks{5e-324}, Marks{1e15, 1e15 + 1}})
      for (const Unit unit : {Unit::Number, Unit::Count, Unit::Bytes, Unit::Seconds}) {
        const Scale scale({.unit = unit, .logarithmic = logarithmic}, values, 0.05);
        for (const double value : values)
          if (scale.shows(value)) {
            EXPECT_GE(scale.place(value), -1e-9) << value;
            EXPECT_LE(scale.place(value), 1 + 1e-9) << value;
          }
        const Marks marks = scale.marks(5);
        EXPECT_LE(marks.size(), 40u);
        EXPECT_TRUE(std::all_of(marks.begin(), marks.end(), [](double mark) { return std::isfinite(mark); }));
      }
}

TEST(Scale, ALogarithmicAxisWithoutPositiveValuesIsALinearOne) {
  const Scale scale({.logarithmic = true}, {-1, 0}, 0);
  EXPECT_TRUE(scale.shows(-1));
  EXPECT_DOUBLE_EQ(scale.place(0), 1);
}

}  // namespace
}  // namespace batchwise
