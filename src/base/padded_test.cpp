// Columns of text.
#include "base/padded.h"

#include <gtest/gtest.h>

namespace batchwise {
namespace {

TEST(Padded, FillsUpOnTheSideThatIsFree) {
  EXPECT_EQ(padded("ab", 4, Aligned::Left), "ab  ");
  EXPECT_EQ(padded("ab", 4, Aligned::Right), "  ab");
  EXPECT_EQ(padded("abcde", 4, Aligned::Right), "abcde");
}

TEST(Padded, CountsCharactersAndNotTheirBytes) { EXPECT_EQ(padded("–é", 3, Aligned::Right), " –é"); }

}  // namespace
}  // namespace batchwise
