// A Predictor: the bits of predict, whatever comes at once and however many lanes there are.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include <batchwise/batchwise.h>

namespace batchwise {
namespace {

// Large enough that lanes share its kernels: direct, Winograd's and grouped convolutions, their norms and sums.
Model network() {
  const Symbol image = Input({36, 36, 3});
  Symbol x = Conv2D({.filters = 64, .kernel_size = 5, .strides = 2, .padding = "same"})(image);
  x = BatchNormalization()(x);
  x = Activation("relu")(x);
  const Symbol y = Conv2D({.filters = 64, .kernel_size = 3, .padding = "same", .activation = "relu"})(x);
  x = Add()({x, y});
  x = DepthwiseConv2D({.kernel_size = 3, .padding = "same"})(x);
  x = Conv2D({.filters = 256, .kernel_size = 1})(x);
  x = GlobalAveragePooling2D()(x);
  x = Dense({.units = 1000, .activation = "softmax"})(x);
  Model model(image, x);
  model.initialize(7);
  return model;
}

Array images(int64_t count) {
  Array x(DType::Float32, {count, 36, 36, 3});
  for (int64_t i = 0; i < x.count(); ++i) x.data<float>()[i] = std::sin(0.37f * static_cast<float>(i % 7919));
  return x;
}

bool same(const Array& a, const Array& b) {
  return a.shape() == b.shape() && std::memcmp(a.raw(), b.raw(), static_cast<size_t>(a.bytes())) == 0;
}

TEST(Predictor, GivesTheBitsOfPredictForAnyNumberOfSamplesAndLanes) {
  const Model model = network();
  const Array x = images(9);
  const Array all = model.predict(x, {.lanes = 1});
  for (const int lanes : {1, 2, 3, 8}) {
    Predictor predictor(model, {.lanes = lanes});
    for (const int64_t count : {1, 2, 9, 1}) {
      SCOPED_TRACE(std::to_string(count) + " samples on " + std::to_string(lanes) + " lanes");
      EXPECT_TRUE(same(predictor.predict(x.slice(0, count)), all.slice(0, count)));
    }
    EXPECT_TRUE(same(predictor.predict(x.slice(4, 1)), all.slice(4, 1)));
  }
  for (const int lanes : {2, 3}) EXPECT_TRUE(same(model.predict(x.slice(2, 1), {.lanes = lanes}), all.slice(2, 1)));
}

// What samples were read before, from the same place, is not what lies there now.
TEST(Predictor, ReadsMappedSamplesAnewForEveryCall) {
  const Model model = network();
  const auto twice = [](const Array& x) {
    return Dataset(x).map([](const Element& element) {
      Array result = element[0].clone();
      for (int64_t i = 0; i < result.count(); ++i) result.data<float>()[i] *= 2;
      return Element{result};
    });
  };
  const Array first = images(1);
  Array second = images(1), changed = first.clone();
  for (int64_t i = 0; i < second.count(); ++i) second.data<float>()[i] = 1 - first.data<float>()[i];
  const Array a = model.predict(twice(first)), b = model.predict(twice(second));
  ASSERT_FALSE(same(a, b));

  Predictor predictor(model, {.lanes = 1});
  const Dataset data = twice(changed);
  EXPECT_TRUE(same(predictor.predict_outputs(data)[0], a));
  std::copy_n(second.data<float>(), second.count(), changed.data<float>());
  EXPECT_TRUE(same(predictor.predict_outputs(data)[0], b));
  // Data sets that may lie where the one before did.
  for (const bool other : {false, true, false})
    EXPECT_TRUE(same(predictor.predict_outputs(twice(other ? second : first))[0], other ? b : a));
}

TEST(Predictor, HoldsTheWeightsUntilItIsFinished) {
  const Model model = network();
  const Array x = images(2);
  const Array before = model.predict(x);
  Predictor predictor(model);
  predictor.predict(x);
  EXPECT_THROW(model.predict(x), Error);
  predictor.finish();
  EXPECT_TRUE(same(model.predict(x), before));
  EXPECT_TRUE(same(predictor.predict(x), before));  // and again, anew
}

TEST(Predictor, RefusesWhatItWasNotMadeFor) {
  const Model model = network();
  Predictor predictor(model);
  predictor.predict(images(1));
  EXPECT_THROW(predictor.predict(Array(DType::Float32, {1, 36, 36, 4})), Error);
  EXPECT_THROW(predictor.predict(Array(DType::Float32, {0, 36, 36, 3})), Error);
  Array bad = images(1);
  bad.data<float>()[5] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THROW(predictor.predict(bad), Error);
  EXPECT_TRUE(same(predictor.predict(images(1)), predictor.predict(images(1))));  // goes on
}

}  // namespace
}  // namespace batchwise
