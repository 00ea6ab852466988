// Facts of whole numbers and truths inside models: merges take them as the numbers they are, and so do pipelines.
#include <cmath>

#include <gtest/gtest.h>

#include <batchwise/batchwise.h>

namespace batchwise {
namespace {

std::vector<float> floats(const Array& array) {
  const Array cast = array.cast(DType::Float32);
  return {cast.data<float>(), cast.data<float>() + cast.count()};
}

const Symbol kNumbers = Input({2}), kWhole = Input({2}, {.dtype = DType::Int32}),
             kTruths = Input({2}, {.dtype = DType::Bool});

Dataset together(std::vector<Array> inputs) { return Dataset(std::move(inputs), std::vector<Array>{}); }

std::vector<Array> inputs() {
  Array truths(DType::Bool, {1, 2});
  truths.data<bool>()[0] = true;
  return {Array::from<float>({0.5f, 1.5f}, {1, 2}), Array::from<int32_t>({7, -3}, {1, 2}), truths};
}

TEST(DTypesInModels, ConcatenateCastsWhereTheyDiffer) {
  const Model model({kNumbers, kWhole, kTruths}, Concatenate()({kNumbers, kWhole, kTruths}));
  EXPECT_EQ(floats(model.predict(together(inputs()), {.verbose = 0})), (std::vector<float>{0.5f, 1.5f, 7, -3, 1, 0}));
}

TEST(DTypesInModels, MergesTakeWholeNumbersAsNumbers) {
  const Model sum({kWhole, kTruths}, Add()({kWhole, kWhole, kTruths}));
  const std::vector<Array> given = inputs();
  EXPECT_EQ(floats(sum.predict(together({given[1], given[2]}), {.verbose = 0})), (std::vector<float>{15, -6}));
  const Model product(kWhole, Multiply()({kWhole, kWhole}));
  EXPECT_EQ(floats(product.predict(given[1], {.verbose = 0})), (std::vector<float>{49, 9}));
}

TEST(DTypesInModels, SumsOfIdsAreLookedUp) {
  const Symbol a = Input({2}, {.dtype = DType::Int32}), b = Input({2}, {.dtype = DType::Int32});
  Model model({a, b}, Embedding({.input_dim = 9, .output_dim = 1})(Add()({a, b})));
  model.set_weights({Array::from<float>({0, 1, 2, 3, 4, 5, 6, 7, 8}, {9, 1})});
  EXPECT_EQ(floats(model.predict(together({Array::from<int32_t>({1, 2}, {1, 2}), Array::from<int32_t>({3, 6}, {1, 2})}),
                                 {.verbose = 0})),
            (std::vector<float>{4, 8}));
}

TEST(DTypesInModels, LayersOfAPipelineGiveFloats) {
  const Dataset data(Array::from<float>({-5, 0.5f, 9}, {1, 3}), Array::from<float>({0}, {1}));
  const Dataset mapped = data.map(augment({Discretization({.bin_boundaries = Config::List{0.0, 1.0, 2.0}})}));
  const auto stream = mapped.stage()->open(0);
  Element element;
  ASSERT_TRUE(stream->next(element));
  ASSERT_EQ(element[0].dtype(), DType::Float32);
  EXPECT_EQ(floats(element[0]), (std::vector<float>{0, 1, 3}));
}

TEST(DTypesInModels, GhostStatisticsInPredictionsAreRefused) {
  const Symbol x = Input({3});
  CallForm form;
  form.training = true;
  Model model(x, BatchNormalization({.ghost = 8})({x}, form));
  model.initialize(1);
  EXPECT_THROW(model.predict(Array(DType::Float32, {5, 3}), {.lanes = 2, .verbose = 0}), Error);
}

// Scratch for rounding is as large as the larger of its pieces, which is not that of the larger depth.
TEST(DTypesInModels, AttentionInBfloat16IsNearFloat32WhateverItsDepths) {
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
TEST(DTypesInModels, GradientsOfFlatVolumesInBfloat16AreNearFloat32) {
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
