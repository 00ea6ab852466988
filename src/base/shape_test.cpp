// Shapes: counts, text and limits.
#include <batchwise/shape.h>

#include <sstream>

#include <gtest/gtest.h>

#include <batchwise/error.h>

namespace batchwise {
namespace {

TEST(Shape, CountsElements) {
  EXPECT_EQ(Shape({28, 28, 1}).count(), 784);
  EXPECT_EQ(Shape().count(), 1);
  EXPECT_EQ(Shape({5, 0}).count(), 0);
  EXPECT_THROW(Shape({-1, 3}).count(), Error);
  EXPECT_THROW(Shape({int64_t{1} << 40, int64_t{1} << 40}).count(), Error);
}

TEST(Shape, IsShownAsPythonShowsTuples) {
  EXPECT_EQ(Shape({28, 28, 1}).text(), "(28, 28, 1)");
  EXPECT_EQ(Shape({7}).text(), "(7,)");
  EXPECT_EQ(Shape().text(), "()");
  std::ostringstream out;
  out << Shape({2, 3});
  EXPECT_EQ(out.str(), "(2, 3)");
}

TEST(Shape, TheBatchIsPutInFrontAndTakenAway) {
  EXPECT_EQ(Shape({28, 28}).with_batch(32), Shape({32, 28, 28}));
  EXPECT_EQ(Shape({32, 28, 28}).without_batch(), Shape({28, 28}));
  EXPECT_EQ(Shape({32}).without_batch(), Shape());
  EXPECT_THROW(Shape({1, 2, 3, 4, 5, 6, 7, 8}).with_batch(2), Error);
}

TEST(Shape, NegativeAxesCountFromTheEnd) {
  Shape shape{2, 3, 4};
  EXPECT_EQ(shape[-1], 4);
  EXPECT_EQ(shape[-3], 2);
  EXPECT_EQ(shape.back(), 4);
  shape[-1] = 9;
  EXPECT_EQ(shape, Shape({2, 3, 9}));
}

TEST(Shape, EqualityLooksAtRankAndDimensions) {
  EXPECT_NE(Shape({2, 3}), Shape({2, 3, 1}));
  EXPECT_NE(Shape({2, 3}), Shape({3, 2}));
  EXPECT_THROW(Shape({1, 1, 1, 1, 1, 1, 1, 1, 1}), Error);
}

}  // namespace
}  // namespace batchwise
