// Facts about Add: any number of inputs, repeated dimensions, and gradients for each.
#include <gtest/gtest.h>

#include "layers/layer_trial.h"

namespace batchwise {
namespace {

std::unique_ptr<Layer> add(const Config& config = Config(Config::Object{})) {
  auto layer = Registry<Layer>::instance().make({"Add", config}, "test");
  layer->set_name("layer");
  return layer;
}

TEST(Add, RepeatsDimensionsOfOneAndSumsTheirGradients) {
  const Array a = random_array({3, 2, 4}, 1), b = random_array({3, 1, 4}, 2), dy = random_array({3, 2, 4}, 3, 1, 1);
  const TrialResult result = try_layer(*add(), {a, b}, {}, {dy}, {.grain = 2});
  for (int64_t n = 0; n < 3; ++n)
    for (int64_t i = 0; i < 2; ++i)
      for (int64_t j = 0; j < 4; ++j)
        EXPECT_EQ(result.outputs[0].data<float>()[(n * 2 + i) * 4 + j],
                  a.data<float>()[(n * 2 + i) * 4 + j] + b.data<float>()[n * 4 + j]);
  for (float gradient : result.input_gradients[1].values<float>()) EXPECT_EQ(gradient, 2);
}

TEST(Add, OfOneTensorWithItselfDoublesItsGradient) {
  // One input given twice: the trial adds what both places say.
  class Twice final : public Layer {
   public:
    std::string_view class_name() const override { return "Twice"; }
    Config config() const override { return Config(Config::Object{}); }
    Shapes output_shapes(const Shapes& inputs) const override { return inputs; }
    std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
      return add()->lower(lowering, std::vector<Value>{inputs[0], inputs[0]});
    }
  } layer;
  const Array x = random_array({3, 5}, 1);
  const TrialResult result = try_layer(layer, {x}, {}, {x});
  for (int64_t i = 0; i < 15; ++i) EXPECT_EQ(result.input_gradients[0].data<float>()[i], 2 * x.data<float>()[i]);
}

TEST(Add, RefusesOneInputAndShapesThatDoNotFit) {
  EXPECT_THROW(add()->output_shapes({{3}}), Error);
  EXPECT_THROW(add()->output_shapes({{3}, {4}}), Error);
  EXPECT_THROW(add()->output_shapes({{3}, {4, 1, 2}}), Error);
}

TEST(Add, GivesInputsOfLowerRankDimensionsOfOneBehindTheBatch) {
  EXPECT_EQ(add()->output_shapes({{3}, {3, 1}})[0], (Shape{3, 3}));
}

}  // namespace
}  // namespace batchwise
