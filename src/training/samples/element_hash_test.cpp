// Facts about hashes of elements: of values, not of where they lie.
#include "training/samples/element_hash.h"

#include <gtest/gtest.h>

namespace batchwise {
namespace {

TEST(ElementHash, OfTextsIsThatOfTheirCharacters) {
  const std::vector<std::string> words = {"red", "green"};
  EXPECT_EQ(element_hash({Array::text(words)}, 1), element_hash({Array::text(words)}, 1));
  EXPECT_NE(element_hash({Array::text(words)}, 1), element_hash({Array::text({"red", "greet"})}, 1));
  EXPECT_NE(element_hash({Array::text(words)}, 1), element_hash({Array::text({"redg", "reen"})}, 1));
}

TEST(ElementHash, SeesEveryComponent) {
  const Array one = Array::from<float>({1, 2}, {2}), other = Array::from<float>({1, 3}, {2});
  EXPECT_EQ(element_hash({one, other}, 0), element_hash({one.clone(), other.clone()}, 0));
  EXPECT_NE(element_hash({one, other}, 0), element_hash({one, one}, 0));
  EXPECT_NE(element_hash({one}, 0), element_hash({one}, 1));
}

}  // namespace
}  // namespace batchwise
