// Facts about ZeroPadding2D: each side by itself.
#include <gtest/gtest.h>

#include "layers/layer_trial.h"

namespace batchwise {
namespace {

std::unique_ptr<Layer> zero_padding2d(const Config& config = Config(Config::Object{})) {
  auto layer = Registry<Layer>::instance().make({"ZeroPadding2D", config}, "test");
  layer->set_name("layer");
  return layer;
}

TEST(ZeroPadding2D, PadsEachSideByItself) {
  using List = Config::List;
  const auto layer = zero_padding2d(Config::object({{"padding", List{List{1, 0}, List{0, 2}}}}));
  const Array x = Array::from<float>({1, 2}, {1, 1, 2, 1});
  EXPECT_EQ(values(try_layer(*layer, {x}, {}).outputs[0]), (std::vector<float>{0, 0, 0, 0, 1, 2, 0, 0}));
}

TEST(ZeroPadding2D, ReadsKerasFormsOfPadding) {
  EXPECT_EQ(zero_padding2d(Config::object({{"padding", 2}}))->output_shapes({{3, 4, 1}})[0], (Shape{7, 8, 1}));
  EXPECT_EQ(zero_padding2d(Config::object({{"padding", Config::List{1, 3}}}))->output_shapes({{3, 4, 1}})[0],
            (Shape{5, 10, 1}));
  EXPECT_THROW(zero_padding2d(Config::object({{"padding", -1}})), Error);
  EXPECT_THROW(zero_padding2d(Config::object({{"padding", Config::List{1, 2, 3}}})), Error);
  EXPECT_THROW(zero_padding2d()->output_shapes({{3, 4}}), Error);
}

}  // namespace
}  // namespace batchwise
