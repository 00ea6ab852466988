// Masks belong to the tensors of a graph: one value that stands in a call twice may have two.
#include <gtest/gtest.h>

#include <batchwise/batchwise.h>

namespace batchwise {
namespace {

const Array kWords = Array::from(std::vector<int32_t>{1, 2, 0, 0, 3, 0, 2, 1, 4, 4, 0, 0}, {3, 4});

// An LSTM over the sum of embedded words and of the same without their mask (a cast that changes nothing drops it).
Model sum_of(bool mask_zero, bool dropped_first, bool twice) {
  const Symbol words = Input({4}, {.dtype = DType::Int32});
  const Symbol embedded = Embedding({.input_dim = 6, .output_dim = 3, .mask_zero = mask_zero})(words);
  const Symbol bare = make_layer({"ops.core.Cast", Config::object({{"dtype", "float32"}})})(embedded);
  const Symbol other = twice ? bare : embedded;
  const Symbol sum = Add()(dropped_first ? std::vector<Symbol>{other, embedded} : std::vector<Symbol>{embedded, other});
  Model model(words, LSTM({.units = 2})(sum));
  model.initialize(3);
  return model;
}

std::vector<float> predicted(const Model& model) {
  const Array y = model.predict(kWords, {.verbose = 0});
  return {y.data<float>(), y.data<float>() + y.count()};
}

TEST(MasksInGraphs, OneValueWithTwoMasksKeepsBoth) {
  const std::vector<float> without = predicted(sum_of(false, false, true)),
                           masked = predicted(sum_of(true, false, false));
  EXPECT_NE(without, masked);
  // Where one of two inputs has no mask, the sum has none.
  EXPECT_EQ(predicted(sum_of(true, false, true)), without);
  EXPECT_EQ(predicted(sum_of(true, true, true)), without);
}

}  // namespace
}  // namespace batchwise
