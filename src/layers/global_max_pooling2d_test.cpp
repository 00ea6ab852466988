// Facts about GlobalMaxPooling2D: the gradient goes to the largest, ties share it.
#include <gtest/gtest.h>

#include "layers/layer_trial.h"

namespace batchwise {
namespace {

std::unique_ptr<Layer> global_max(const Config& config = Config(Config::Object{})) {
  auto layer = Registry<Layer>::instance().make({"GlobalMaxPooling2D", config}, "test");
  layer->set_name("layer");
  return layer;
}

TEST(GlobalMaxPooling2D, TheGradientGoesToTheLargestAndTiesShareIt) {
  const Array x = Array::from<float>({1, 7, 5, 7, 5, 2}, {1, 3, 1, 2}), dy = Array::from<float>({3, 4}, {1, 2});
  const TrialResult result = try_layer(*global_max(), {x}, {}, {dy});
  EXPECT_EQ(values(result.outputs[0]), (std::vector<float>{5, 7}));
  EXPECT_EQ(values(result.input_gradients[0]), (std::vector<float>{0, 2, 1.5f, 2, 1.5f, 0}));
}

TEST(GlobalMaxPooling2D, KeepsDimensionsWhenAsked) {
  EXPECT_EQ(global_max(Config::object({{"keepdims", true}}))->output_shapes({{4, 5, 6}})[0], (Shape{1, 1, 6}));
  EXPECT_EQ(global_max()->output_shapes({{4, 5, 6}})[0], (Shape{6}));
}

TEST(GlobalMaxPooling2D, RefusesWhatIsNoImage) {
  EXPECT_THROW(global_max()->output_shapes({{4, 5}}), Error);
  EXPECT_THROW(global_max()->output_shapes({{0, 5, 3}}), Error);
}

}  // namespace
}  // namespace batchwise
