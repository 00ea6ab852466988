// Windows along one axis: Keras's sizes and paddings.
#include "kernels/window.h"

#include <gtest/gtest.h>

namespace batchwise {
namespace {

TEST(WindowAxis, OfValidWindowsLiesWithinTheInput) {
  EXPECT_EQ(window_axis(7, 3, 1, 1, false).output, 5);
  EXPECT_EQ(window_axis(7, 3, 2, 1, false).output, 3);
  EXPECT_EQ(window_axis(8, 3, 2, 1, false).output, 3);
  EXPECT_EQ(window_axis(7, 3, 1, 3, false).output, 1);
  EXPECT_EQ(window_axis(6, 3, 1, 3, false).output, 0);
}

TEST(WindowAxis, OfSameWindowsPutsTheOddPaddingBehind) {
  const WindowAxis odd = window_axis(8, 3, 2, 1, true);
  EXPECT_EQ(odd.output, 4);
  EXPECT_EQ(odd.before, 0);
  EXPECT_EQ(odd.after, 1);
  const WindowAxis even = window_axis(7, 3, 2, 1, true);
  EXPECT_EQ(even.before, 1);
  EXPECT_EQ(even.after, 1);
  const WindowAxis wide = window_axis(5, 1, 3, 1, true);
  EXPECT_EQ(wide.output, 2);
  EXPECT_EQ(wide.before + wide.after, 0);
}

}  // namespace
}  // namespace batchwise
