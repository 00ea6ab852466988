// Sparsemax with several elements above the threshold, against numbers of Keras 3.15.1 on TensorFlow.
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "layers/layer_trial.h"

namespace batchwise {
namespace {

std::unique_ptr<Layer> along(int64_t axis) {
  return Registry<Layer>::instance().make({"ops.nn.Sparsemax", Config::object({{"axis", axis}})}, "test");
}

const std::vector<float> kX = {0.1f, 0.2f,  -0.1f, 0.15f,  0.05f, 0.3f, 0.3f, 0.3f, -2.0f, 0.1f,
                               -1,   -1.2f, -0.9f, -0.95f, -3,    2,    0.5f, 1.5f, 1.2f,  0};
const std::vector<float> kDy = {1, -2, 0.5f, 3, 0.25f, 1, 2, 3, 4, 5, 0.5f, 1, 2, -1, 1, 1, -1, 2, 3, 4};
// By keras.activations.sparsemax and tf.GradientTape.
const std::vector<float> kY = {0,
                               0.02000001072883606f,
                               0,
                               0,
                               0,
                               0,
                               0,
                               0,
                               0,
                               0,
                               1.6624999046325684f,
                               1.4624998569488525f,
                               1.7624999284744263f,
                               1.7124998569488525f,
                               0,
                               0,
                               0,
                               0,
                               0,
                               0};
const std::vector<float> kDx = {1.2000000476837158f,
                                0,
                                0.4000000059604645f,
                                1.600000023841858f,
                                0.800000011920929f,
                                0,
                                0,
                                0,
                                0,
                                0,
                                -0.75f,
                                0.375f,
                                -0.5f,
                                -2.875f,
                                0,
                                0,
                                0,
                                0,
                                0,
                                0};

// (4, 5) to (5, 4)
std::vector<float> turned(const std::vector<float>& rows) {
  std::vector<float> columns(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) columns[i % 5 * 4 + i / 5] = rows[i];
  return columns;
}

TEST(Sparsemax, IsWhatKerasComputes) {
  const TrialResult got = try_layer(*along(-1), {Array::from(kX, {4, 5})}, {}, {Array::from(kDy, {4, 5})});
  for (size_t i = 0; i < kX.size(); ++i) {
    EXPECT_NEAR(got.outputs[0].data<float>()[i], kY[i], 1e-6) << i;
    EXPECT_NEAR(got.input_gradients[0].data<float>()[i], kDx[i], 1e-6) << i;
  }
}

TEST(Sparsemax, AlongAnotherAxisIsTheSame) {
  const TrialResult got =
      try_layer(*along(1), {Array::from(turned(kX), {1, 5, 4})}, {}, {Array::from(turned(kDy), {1, 5, 4})});
  for (size_t i = 0; i < kX.size(); ++i) {
    EXPECT_NEAR(got.outputs[0].data<float>()[i], turned(kY)[i], 1e-6) << i;
    EXPECT_NEAR(got.input_gradients[0].data<float>()[i], turned(kDx)[i], 1e-6) << i;
  }
}

TEST(Sparsemax, OfNaNIsNaN) {
  std::vector<float> x = kX;
  x[3] = std::numeric_limits<float>::quiet_NaN();
  const TrialResult got = try_layer(*along(-1), {Array::from(x, {4, 5})}, {});
  EXPECT_TRUE(std::isnan(got.outputs[0].data<float>()[0]));
  EXPECT_FALSE(std::isnan(got.outputs[0].data<float>()[12]));
}

}  // namespace
}  // namespace batchwise
