// The stated way of convolutions: direct products where "direct" is said, other bits, nearly the same numbers.
#include <gtest/gtest.h>

#include <cmath>

#include <batchwise/batchwise.h>

namespace batchwise {
namespace {

Model network() {
  const Symbol image = Input({16, 16, 16});
  Symbol x = Conv2D({.filters = 32, .kernel_size = 3, .activation = "relu"})(image);
  Model model(image, Dense({.units = 3})(Flatten()(x)));
  model.initialize(3);
  model.compile({.optimizer = SGD({.learning_rate = 0.01f}), .loss = "mse"});
  return model;
}

Dataset samples() {
  Array x(DType::Float32, {24, 16, 16, 16}), y(DType::Float32, {24, 3});
  for (int64_t i = 0; i < x.count(); ++i) x.data<float>()[i] = std::sin(0.7f * static_cast<float>(i % 6373));
  for (int64_t i = 0; i < y.count(); ++i) y.data<float>()[i] = static_cast<float>(i % 5) / 5;
  return {x, y};
}

std::vector<float> predictions(const Model& model) {
  const Array y = model.predict(samples());
  return {y.data<float>(), y.data<float>() + y.count()};
}

TEST(ConvolutionWay, DirectGivesOtherBitsAndNearlyTheSameNumbers) {
  Model automatic = network(), direct = automatic.copy();
  direct.set_convolution("direct");
  const FitOptions options{.batch_size = 8, .epochs = 2, .verbose = 0};
  automatic.fit(samples(), options);
  direct.fit(samples(), options);
  const std::vector<float> a = predictions(automatic), b = predictions(direct);
  EXPECT_NE(a, b);
  for (size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-4);
}

TEST(ConvolutionWay, IsKeptByCopiesAndRefusesOtherWords) {
  Model model = network();
  model.set_convolution("direct");
  EXPECT_EQ(model.copy().convolution(), "direct");
  EXPECT_EQ(model.for_data(samples()).convolution(), "direct");
  EXPECT_EQ(predictions(model.copy()), predictions(model));
  EXPECT_THROW(model.set_convolution("winograd"), Error);
}

}  // namespace
}  // namespace batchwise
