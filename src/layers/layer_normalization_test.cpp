// Facts about LayerNormalization: every sample by itself, along any axes.
#include <gtest/gtest.h>

#include <cmath>

#include "layers/layer_trial.h"

namespace batchwise {
namespace {

std::unique_ptr<Layer> normalization(const Config& config = Config(Config::Object{})) {
  auto layer = Registry<Layer>::instance().make({"LayerNormalization", config}, "test");
  layer->set_name("layer");
  return layer;
}

TEST(LayerNormalization, RowsHaveMeanZeroAndVarianceOne) {
  for (const int64_t length : {2, 16, 37, 300}) {
    const auto layer = normalization(Config::object({{"epsilon", 0.0}, {"center", false}, {"scale", false}}));
    const Array y = try_layer(*layer, {random_array({3, length}, 1, 99, 101)}, {}).outputs[0];
    for (int64_t row = 0; row < 3; ++row) {
      double sum = 0, squares = 0;
      for (int64_t i = 0; i < length; ++i) {
        sum += y.data<float>()[row * length + i];
        squares += std::pow(y.data<float>()[row * length + i], 2);
      }
      EXPECT_NEAR(sum / static_cast<double>(length), 0, 1e-4) << length;
      EXPECT_NEAR(squares / static_cast<double>(length), 1, 1e-4) << length;
    }
  }
}

TEST(LayerNormalization, DeclaresWeightsOfItsAxes) {
  const auto layer = normalization(Config::object({{"axis", Config::List{1, 2}}}));
  layer->build({{3, 4, 5}});
  ASSERT_EQ(layer->weights().size(), 2u);
  EXPECT_EQ(layer->weights()[0]->path, "layer/gamma");
  EXPECT_EQ(layer->weights()[1]->spec.shape, (Shape{3, 4}));
}

TEST(LayerNormalization, RefusesAxesThatAreNotNeighbours) {
  EXPECT_THROW(normalization(Config::object({{"axis", Config::List{1, 3}}}))->build({{3, 4, 5}}), Error);
  EXPECT_THROW(normalization(Config::object({{"axis", 0}}))->build({{3}}), Error);
}

}  // namespace
}  // namespace batchwise
