// Regularizers: values, gradients, and Keras's names.
#include <cmath>
#include <string>

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

TEST(Regularizers, TheOrthogonalOneIsTheMeanCosineOfAllPairsAndItsGradientThatOfDifferences) {
  const Shape shape{3, 5};
  std::vector<float> w(15);
  for (size_t i = 0; i < w.size(); ++i) w[i] = std::sin(static_cast<float>(3 * i + 1));
  for (const char* mode : {"rows", "columns"}) {
    const auto penalty = make_regularizer(regularizers::OrthogonalRegularizer(0.3f, mode));
    std::vector<std::byte> scratch(static_cast<size_t>(penalty->scratch(shape)));
    const auto value = [&](const std::vector<float>& at) {
      return penalty->value_of(shape, at.data(), scratch.data());
    };
    const bool rows = std::string(mode) == "rows";
    const size_t n = rows ? 3 : 5, d = rows ? 5 : 3;
    const auto at = [&](size_t i, size_t k) { return static_cast<double>(rows ? w[i * 5 + k] : w[k * 5 + i]); };
    double wanted = 0;
    for (size_t i = 0; i < n; ++i)
      for (size_t j = 0; j < i; ++j) {
        double ij = 0, ii = 0, jj = 0;
        for (size_t k = 0; k < d; ++k) ij += at(i, k) * at(j, k), ii += at(i, k) * at(i, k), jj += at(j, k) * at(j, k);
        wanted += std::fabs(ij) / std::sqrt(ii * jj);
      }
    EXPECT_NEAR(value(w), 0.3 * wanted / (static_cast<double>(n * (n - 1)) / 2), 1e-6);
    std::vector<float> gradient(15, 1.0f);
    penalty->add_gradient_of(shape, w.data(), gradient.data(), scratch.data());
    for (size_t i = 0; i < w.size(); ++i) {
      std::vector<float> up = w, down = w;
      up[i] += 1e-3f;
      down[i] -= 1e-3f;
      EXPECT_NEAR(gradient[i] - 1, (value(up) - value(down)) / 2e-3, 2e-4) << mode << " " << i;
    }
  }
  EXPECT_THROW(make_regularizer("OrthogonalRegularizer")->check({3, 3, 2}), Error);
}

TEST(Regularizers, NamesAndDefaultsAreKeras) {
  EXPECT_EQ(make_regularizer("l2")->config().text(), R"({"l2": 0.01})");
  EXPECT_EQ(make_regularizer("L1")->config().text(), R"({"l1": 0.01})");
  EXPECT_EQ(make_regularizer("l1_l2")->config().text(), R"({"l1": 0.0, "l2": 0.0})");
  EXPECT_THROW(make_regularizer("l3"), Error);
}

}  // namespace
}  // namespace batchwise
