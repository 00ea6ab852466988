// class_weight weighs what a loss has for each sample, or for each position of it, and refuses the rest.
#include <gtest/gtest.h>

#include <cmath>

#include <batchwise/batchwise.h>

namespace batchwise {
namespace {

constexpr int64_t kSamples = 32;

Array waves(const Shape& shape) {
  Array x(DType::Float32, shape);
  for (int64_t i = 0; i < x.count(); ++i) x.data<float>()[i] = std::sin(0.3f * static_cast<float>(i));
  return x;
}
// A class for each position: `positions` lines of `classes` columns.
Array lines(int64_t positions, int64_t classes) {
  Array y(DType::Float32, {kSamples, positions, classes});
  for (int64_t i = 0; i < kSamples * positions; ++i) y.data<float>()[i * classes + i * i % classes] = 1;
  return y;
}
Array labels(const Shape& shape, int64_t classes) {
  Array y(DType::Int32, shape);
  for (int64_t i = 0; i < y.count(); ++i) y.data<int32_t>()[i] = static_cast<int32_t>(i * i % classes);
  return y;
}

Model over_positions(int64_t positions, int64_t classes, const Spec& loss) {
  Model model = Sequential({Input({positions, 3}), Dense({.units = classes, .activation = "softmax"})});
  model.compile({.optimizer = "SGD", .loss = loss});
  model.initialize(2);
  return model;
}

FitOptions options() {
  FitOptions options{.batch_size = kSamples, .epochs = 1, .verbose = 0};
  options.grain = 16;
  options.class_weight = {{1, 3.0}};
  return options;
}

void expect_refused(Model model, const Array& x, const Array& y, const std::string& what) {
  try {
    model.fit(Dataset(x, y), options());
    ADD_FAILURE() << "not refused: " << what;
  } catch (const Error& error) { EXPECT_NE(std::string(error.what()).find(what), std::string::npos) << error.what(); }
}

TEST(ClassWeight, IsRefusedWhereALossHasNoValueForEachPosition) {
  const Array many = lines(200, 5), square = lines(5, 5);
  for (const Spec& loss : {Dice(), Tversky(), Dice({.axis = {{1, 2}}}), CosineSimilarity({.axis = 0})})
    expect_refused(over_positions(200, 5, loss), waves({kSamples, 200, 3}), many, loss.class_name);
  // As many classes as positions: the values are those of classes all the same.
  for (const Spec& loss : {CategoricalCrossentropy({.axis = 1}), CosineSimilarity({.axis = 1})}) {
    expect_refused(over_positions(5, 5, loss), waves({kSamples, 5, 3}), square, loss.class_name);
    expect_refused(over_positions(200, 5, loss), waves({kSamples, 200, 3}), many, loss.class_name);
  }
}

TEST(ClassWeight, IsRefusedForLabelsOfPositions) {
  expect_refused(over_positions(6, 5, "sparse_categorical_crossentropy"), waves({kSamples, 6, 3}),
                 labels({kSamples, 6}, 5), "class_weight");
}

TEST(ClassWeight, WeighsSamplesAndPositions) {
  const auto loss_with = [](Model model, const Array& x, const Array& y, const Array& weights) {
    FitOptions given = options();
    if (!weights.empty()) given.class_weight.clear();
    return model.fit(Dataset(x, y, weights), given)["loss"][0];
  };
  const Array x = waves({kSamples, 6, 3}), y = lines(6, 5);
  Array weights(DType::Float32, {kSamples, 6});
  for (int64_t i = 0; i < weights.count(); ++i) weights.data<float>()[i] = i * i % 5 == 1 ? 3 : 1;
  for (const Spec& loss : {CategoricalCrossentropy(), Dice({.axis = {{-1}}}), Spec("mse")}) {
    const Model model = over_positions(6, 5, loss);
    EXPECT_NEAR(loss_with(model.copy(), x, y, Array()), loss_with(model.copy(), x, y, weights), 1e-6);
  }
  Model flat = Sequential({Input({4}), Dense({.units = 5, .activation = "softmax"})});
  flat.compile({.optimizer = "SGD", .loss = "sparse_categorical_crossentropy"});
  flat.initialize(2);
  Array by_sample(DType::Float32, {kSamples});
  for (int64_t i = 0; i < kSamples; ++i) by_sample.data<float>()[i] = i * i % 5 == 1 ? 3 : 1;
  EXPECT_NEAR(loss_with(flat.copy(), waves({kSamples, 4}), labels({kSamples}, 5), Array()),
              loss_with(flat.copy(), waves({kSamples, 4}), labels({kSamples}, 5), by_sample), 1e-6);
}

}  // namespace
}  // namespace batchwise
