// Merges of masked tensors, against what Keras 3.15 computed for the same: products take what does not count for 1,
// extremes take the other input.
#include <gtest/gtest.h>

#include <batchwise/batchwise.h>

namespace batchwise {
namespace {

// Two sequences of one feature; Masking(0) leaves out the steps that are 0.
std::vector<float> merged(const std::string& merge, bool mask_first, bool mask_second, std::vector<float> a,
                          std::vector<float> b) {
  const int64_t steps = static_cast<int64_t>(a.size());
  const Symbol x = Input({steps, 1}), y = Input({steps, 1});
  const auto masked = [](bool masks, const Symbol& s) { return masks ? Masking(0)(s) : s; };
  const Symbol out = make_layer(Spec(merge))(std::vector<Symbol>{masked(mask_first, x), masked(mask_second, y)});
  const Model model({x, y}, {out});
  const Array result = model.predict(
      Dataset(std::vector<Array>{Array::from(a, {1, steps, 1}), Array::from(b, {1, steps, 1})}, std::vector<Array>{}));
  return {result.data<float>(), result.data<float>() + steps};
}

using Floats = std::vector<float>;

TEST(MaskedMerges, AMaximumTakesTheOtherInputWhereOneDoesNotCount) {
  EXPECT_EQ(merged("Maximum", true, true, {-1, 0, -3, 0}, {-2, -5, 0, 0}), (Floats{-1, -5, -3, 0}));
  EXPECT_EQ(merged("Maximum", false, true, {-1, -2, -3, -4}, {-2, -1, 0, 0}), (Floats{-1, -1, -3, -4}));
  EXPECT_EQ(merged("Maximum", false, false, {-1, 0, -3, 0}, {-2, -5, 0, 0}), (Floats{-1, 0, 0, 0}));
}

TEST(MaskedMerges, AMinimumDoesSoToo) {
  EXPECT_EQ(merged("Minimum", true, true, {1, 0, 3, 0}, {2, 5, 0, 0}), (Floats{1, 5, 3, 0}));
  EXPECT_EQ(merged("Minimum", true, false, {1, 0, 3, 0}, {2, 5, 1, 4}), (Floats{1, 5, 1, 4}));
}

TEST(MaskedMerges, AProductTakesWhatDoesNotCountForOne) {
  EXPECT_EQ(merged("Multiply", true, true, {2, 0, 3, 0}, {4, 5, 0, 0}), (Floats{8, 5, 3, 0}));
  EXPECT_EQ(merged("Multiply", false, true, {2, 3, 4, 5}, {4, 5, 0, 0}), (Floats{8, 15, 4, 5}));
}

TEST(MaskedMerges, ASumLooksAtAllSteps) {
  EXPECT_EQ(merged("Add", true, true, {2, 0, 3, 0}, {4, 5, 0, 0}), (Floats{6, 5, 3, 0}));
}

}  // namespace
}  // namespace batchwise
