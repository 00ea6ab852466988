// Facts about Reshape: the free dimension, and shapes that do not fit.
#include <gtest/gtest.h>

#include "layers/layer_trial.h"

namespace batchwise {
namespace {

std::unique_ptr<Layer> reshape(const Config& config = Config(Config::Object{})) {
  auto layer = Registry<Layer>::instance().make({"Reshape", config}, "test");
  layer->set_name("layer");
  return layer;
}

Config target(const std::vector<int64_t>& shape) { return Config::object({{"target_shape", Config(shape)}}); }

TEST(Reshape, FindsTheFreeDimension) {
  EXPECT_EQ(reshape(target({2, -1}))->output_shapes({{3, 4}})[0], (Shape{2, 6}));
  EXPECT_EQ(reshape(target({-1}))->output_shapes({{3, 4}})[0], (Shape{12}));
}

TEST(Reshape, KeepsTheOrderOfElementsFromAnyLayout) {
  const Array x = random_array({3, 2, 4, 8}, 1);
  for (const int block : {0, 8, 16})
    EXPECT_EQ(values(try_layer(*reshape(target({8, 8})), {x}, {}, {}, {.grain = 2, .channel_block = block}).outputs[0]),
              values(x));
}

TEST(Reshape, RefusesShapesThatDoNotFit) {
  EXPECT_THROW(reshape(target({5}))->output_shapes({{3, 4}}), Error);
  EXPECT_THROW(reshape(target({5, -1}))->output_shapes({{3, 4}}), Error);
  EXPECT_THROW(reshape(target({-1, -1})), Error);
  EXPECT_THROW(reshape(target({-2, 6})), Error);
}

}  // namespace
}  // namespace batchwise
