// Regularizers: values, gradients, and Keras's names.
#include <gtest/gtest.h>

#include <batchwise/optimizer.h>
#include <batchwise/optimizers.h>

namespace batchwise {
namespace {

const std::vector<float> kWeights{1, -2, 0, 3, -0.5f};

TEST(Regularizers, ValuesAreSumsOfSizesAndSquares) {
  EXPECT_NEAR(make_regularizer(regularizers::L1(0.1f))->value(kWeights.data(), 5), 0.65, 1e-9);
  EXPECT_NEAR(make_regularizer(regularizers::L2(0.1f))->value(kWeights.data(), 5), 1.425, 1e-9);
  EXPECT_NEAR(make_regularizer(regularizers::L1L2(0.1f, 0.2f))->value(kWeights.data(), 5), 0.65 + 2.85, 1e-9);
}

TEST(Regularizers, GradientsAreAddedAtTheGivenScale) {
  std::vector<float> gradient(5, 1.0f);
  make_regularizer(regularizers::L1L2(0.1f, 0.2f))->add_gradient(kWeights.data(), gradient.data(), 5, 2);
  const std::vector<float> wanted{1 + 2 * 0.5f, 1 + 2 * -0.9f, 1, 1 + 2 * 1.3f, 1 + 2 * -0.3f};
  for (size_t i = 0; i < 5; ++i) EXPECT_NEAR(gradient[i], wanted[i], 1e-6);
}

TEST(Regularizers, NamesAndDefaultsAreKeras) {
  EXPECT_EQ(make_regularizer("l2")->config().text(), R"({"l2": 0.01})");
  EXPECT_EQ(make_regularizer("L1")->config().text(), R"({"l1": 0.01})");
  EXPECT_EQ(make_regularizer("l1_l2")->config().text(), R"({"l1": 0.0, "l2": 0.0})");
  EXPECT_THROW(make_regularizer("l3"), Error);
}

}  // namespace
}  // namespace batchwise
