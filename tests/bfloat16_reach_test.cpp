// Facts of kernels that round to bfloat16 in pieces: what they reach is what was made, whatever the sizes.
#include <cmath>

#include <gtest/gtest.h>

#include <batchwise/batchwise.h>

namespace batchwise {
namespace {

std::vector<float> floats(const Array& array) {
  const Array cast = array.cast(DType::Float32);
  return {cast.data<float>(), cast.data<float>() + cast.count()};
}

Dataset together(std::vector<Array> inputs) { return Dataset(std::move(inputs), std::vector<Array>{}); }

// Scratch for rounding is as large as the larger of its pieces, which is not that of the larger depth.
TEST(Bfloat16Reach, AttentionInBfloat16IsNearFloat32WhateverItsDepths) {
  for (const auto& [depth, value_depth] : {std::pair<int64_t, int64_t>{512, 768}, {768, 512}}) {
    const Symbol query = Input({70, depth}), value = Input({64, value_depth}), key = Input({64, depth});
    const auto filled = [](Shape shape, uint32_t seed) {
      Array array(DType::Float32, shape);
      for (int64_t i = 0; i < array.count(); ++i) {
        seed = seed * 1664525u + 1013904223u;
        array.data<float>()[i] = static_cast<float>(seed >> 8) / 8388608.0f - 1;
      }
      return array;
    };
    const std::vector<Array> given{filled({2, 70, depth}, 1), filled({2, 64, value_depth}, 2),
                                   filled({2, 64, depth}, 3)};
    const Model whole({query, value, key}, Attention()({query, value, key}));
    Model rounded({query, value, key}, Attention()({query, value, key}));
    rounded.set_dtype_policy("mixed_bfloat16");
    const std::vector<float> a = floats(whole.predict(together(given), {.verbose = 0})),
                             b = floats(rounded.predict(together(given), {.verbose = 0}));
    double apart = 0, all = 0;
    for (size_t i = 0; i < a.size(); ++i) apart += (a[i] - b[i]) * (a[i] - b[i]), all += a[i] * a[i];
    EXPECT_LT(std::sqrt(apart / all), 0.1) << depth;
  }
}

// A band of rows is of one plane: the kernel of a volume reaches into others.
TEST(Bfloat16Reach, GradientsOfFlatVolumesInBfloat16AreNearFloat32) {
  const auto trained = [](const char* policy) {
    Model model =
        Sequential({Input({3, 128, 128, 16}), Conv3D({.filters = 16, .kernel_size = 3}), GlobalAveragePooling3D()});
    model.set_dtype_policy(policy);
    model.initialize(2);
    model.compile({.optimizer = SGD({.learning_rate = 1}), .loss = "mse"});
    Array x(DType::Float32, {1, 3, 128, 128, 16});
    for (int64_t i = 0; i < x.count(); ++i)
      x.data<float>()[i] = static_cast<float>(i / (128 * 128 * 16) + 1) * static_cast<float>(i % 7);
    const Array before = model.get_weights()[0];
    model.fit(Dataset(x, Array(DType::Float32, {1, 16})), {.batch_size = 1, .verbose = 0});
    const std::vector<float> start = floats(before);
    std::vector<float> change = floats(model.get_weights()[0]);
    for (size_t i = 0; i < change.size(); ++i) change[i] -= start[i];
    return change;
  };
  const std::vector<float> a = trained("float32"), b = trained("mixed_bfloat16");
  double apart = 0, all = 0;
  for (size_t i = 0; i < a.size(); ++i) apart += (a[i] - b[i]) * (a[i] - b[i]), all += a[i] * a[i];
  EXPECT_LT(std::sqrt(apart / all), 0.05);
}

}  // namespace
}  // namespace batchwise
