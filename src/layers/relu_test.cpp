// Facts about ReLU: slope, bound and threshold, and what it refuses.
#include <gtest/gtest.h>

#include "layers/layer_trial.h"

namespace batchwise {
namespace {

std::unique_ptr<Layer> relu(const Config& config = Config(Config::Object{})) {
  auto layer = Registry<Layer>::instance().make({"ReLU", config}, "test");
  layer->set_name("layer");
  return layer;
}

TEST(ReLU, AppliesSlopeBoundAndThreshold) {
  const auto layer = relu(Config::object({{"max_value", 2.0}, {"negative_slope", 0.5}, {"threshold", 1.0}}));
  const Array x = Array::from<float>({-1, 0.5f, 1.5f, 2, 9}, {1, 5}), dy = random_array({1, 5}, 1, 1, 1);
  const TrialResult result = try_layer(*layer, {x}, {}, {dy});
  EXPECT_EQ(values(result.outputs[0]), (std::vector<float>{-1, -0.25f, 1.5f, 2, 2}));
  EXPECT_EQ(values(result.input_gradients[0]), (std::vector<float>{0.5f, 0.5f, 1, 0, 0}));
}

TEST(ReLU, PlainOneKeepsOnlyItsOutputForTheWayBack) {
  const auto layer = relu();
  const Array x = random_array({3, 40}, 1);
  EXPECT_EQ(values(try_layer(*layer, {x}, {}, {x}, {.in_place = true}).input_gradients[0]),
            values(try_layer(*layer, {x}, {}, {x}).outputs[0]));
}

TEST(ReLU, RefusesNegativeArguments) {
  for (const char* key : {"max_value", "negative_slope", "threshold"})
    EXPECT_THROW(relu(Config::object({{key, -0.5}})), Error) << key;
}

TEST(ReLU, AcceptsANullBound) {
  EXPECT_TRUE(relu(Config::object({{"max_value", Config()}}))->config().at("max_value").is_null());
}

}  // namespace
}  // namespace batchwise
