// Validation is scored by the objectives of training: its targets must be what those read.
#include <gtest/gtest.h>

#include <cmath>

#include <batchwise/batchwise.h>

namespace batchwise {
namespace {

constexpr int64_t kSamples = 24, kClasses = 10;

Array inputs() {
  Array x(DType::Float32, {kSamples, 4});
  for (int64_t i = 0; i < x.count(); ++i) x.data<float>()[i] = std::sin(0.3f * static_cast<float>(i));
  return x;
}
Array labels(const Shape& shape = {kSamples}) {
  Array y(DType::Int32, shape);
  for (int64_t i = 0; i < kSamples; ++i) y.data<int32_t>()[i] = static_cast<int32_t>(i * i % kClasses);
  return y;
}
Array one_hot() {
  Array y(DType::Float32, {kSamples, kClasses});
  for (int64_t i = 0; i < kSamples; ++i) y.data<float>()[i * kClasses + i * i % kClasses] = 1;
  return y;
}

Model classifier(const Spec& loss) {
  Model model = Sequential({Input({4}), Dense({.units = kClasses, .activation = "softmax"})});
  model.compile({.optimizer = "SGD", .loss = loss});
  model.initialize(2);
  return model;
}

FitOptions with(const Dataset& validation) {
  FitOptions options{.batch_size = 8, .epochs = 1, .verbose = 0};
  options.validation_data = validation;
  return options;
}

std::string refusal(Model model, const Dataset& data, const Dataset& validation) {
  try {
    model.fit(data, with(validation));
  } catch (const Error& error) { return error.what(); }
  return "";
}

void expect_names(const std::string& message, const std::vector<std::string>& parts) {
  for (const std::string& part : parts) EXPECT_NE(message.find(part), std::string::npos) << part << " in: " << message;
}

TEST(ValidationTargets, OfAnotherShapeAreRefused) {
  const Dataset whole(inputs(), labels()), lines(inputs(), one_hot());
  expect_names(refusal(classifier("sparse_categorical_crossentropy"), whole, lines), {"dense", "()", "(10,)"});
  expect_names(refusal(classifier("categorical_crossentropy"), lines, whole), {"dense", "()", "(10,)"});
}

TEST(ValidationTargets, MayHaveALastDimensionOfOneMoreOrLess) {
  for (const bool more : {false, true}) {
    Model model = classifier("sparse_categorical_crossentropy");
    const Dataset one(inputs(), labels()), other(inputs(), labels({kSamples, 1}));
    const History history = model.fit(more ? one : other, with(more ? other : one));
    EXPECT_NEAR(history["val_loss"][0], *find_log(model.evaluate(one), "loss"), 1e-6);
  }
}

// The loss is the second output's: the first target of one data set is not that of the other.
TEST(ValidationTargets, OfAnotherNumberAreRefused) {
  const Symbol x = Input({4});
  Model model(std::vector<Symbol>{x}, {Dense({.units = 2}).named("first")(x), Dense({.units = 2}).named("second")(x)});
  model.compile({.optimizer = "SGD", .losses = {Spec(), "mse"}});
  model.initialize(2);
  Array near(DType::Float32, {kSamples, 2}), far(DType::Float32, {kSamples, 2});
  std::fill_n(far.data<float>(), far.count(), 100.0f);
  const Dataset one({inputs()}, {near}), both({inputs()}, {far, near});
  expect_names(refusal(model.copy(), one, both), {"1", "2"});
  expect_names(refusal(model.copy(), both, one), {"1", "2"});
}

}  // namespace
}  // namespace batchwise
