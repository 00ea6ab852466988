// Optimizers against their formulas, written out.
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include <batchwise/optimizers.h>

#include "training/optimizers/stepped_optimizer_test.h"

namespace batchwise {
namespace {

// Plain loops in float32, with the vectors' order of operations.
TEST(OptimizerFormulas, AdamIsTheFormulaToTheBitForEveryLengthOfRun) {
  const auto adam = make_optimizer("adam");
  for (int64_t count : {1, 3, 7, 8, 15, 16, 17, 31, 33, 1000}) {
    std::vector<float> w(static_cast<size_t>(count)), g(w), m(w), v(w);
    for (size_t i = 0; i < w.size(); ++i) {
      w[i] = std::sin(static_cast<float>(i));
      g[i] = std::cos(3 * static_cast<float>(i));
      m[i] = 0.1f * std::sin(5 * static_cast<float>(i));
      v[i] = 0.01f * (1 + std::cos(static_cast<float>(i)));
    }
    UpdateScalars scalars{.learning_rate = 0.001, .iteration = 4};
    adam->begin(scalars);
    const float b1 = 0.9f, b2 = 0.999f;
    const float p1 = static_cast<float>(std::pow(double{b1}, 5)), p2 = static_cast<float>(std::pow(double{b2}, 5));
    const float alpha = 0.001f * std::sqrt(1 - p2) / (1 - p1);
    std::vector<float> wanted(w);
    for (size_t i = 0; i < w.size(); ++i) {
      const float first = m[i] + (g[i] - m[i]) * static_cast<float>(1 - 0.9),
                  second = v[i] + (g[i] * g[i] - v[i]) * static_cast<float>(1 - 0.999);
      wanted[i] -= first * alpha / (std::sqrt(second) + 1e-7f);
    }
    float* slots[] = {m.data(), v.data()};
    adam->update(scalars, {count, w.data(), g.data(), slots});
    EXPECT_EQ(w, wanted) << count;
  }
}

// Keras's formulas written out, in double.
TEST(OptimizerFormulas, ScheduleFreeAdamWIsItsFormula) {
  const std::vector<double> gradients{0.5, -0.2, 0.3, 0.1, -0.4};
  double y = 0.7, z = y, v = 0;
  SteppedOptimizer trainer(ScheduleFreeAdamW({.learning_rate = 0.1f, .warmup_steps = 3}), {{0.7f}}, {1});
  for (size_t step = 0; step < gradients.size(); ++step) {
    const double t = static_cast<double>(step + 1), g = gradients[step], rate = 0.1 * std::min(t / 3, 1.0);
    v += (g * g - v) * (1 - 0.999);
    const double before = z;
    z -= rate * g / (std::sqrt(v / (1 - std::pow(0.999, t))) + 1e-8);
    const double x = (1 - 1 / t) * ((y - 0.1 * before) / 0.9) + z / t;
    y = 0.1 * z + 0.9 * x;
    trainer.step({{static_cast<float>(g)}});
    EXPECT_NEAR(trainer.weights[0][0], y, 2e-6) << step;
  }
}

using Doubles = std::vector<std::vector<double>>;
Doubles times(const Doubles& a, const Doubles& b) {
  Doubles c(a.size(), std::vector<double>(b[0].size(), 0.0));
  for (size_t i = 0; i < a.size(); ++i)
    for (size_t k = 0; k < b.size(); ++k)
      for (size_t j = 0; j < b[0].size(); ++j) c[i][j] += a[i][k] * b[k][j];
  return c;
}
Doubles turned(const Doubles& a) {
  Doubles t(a[0].size(), std::vector<double>(a.size()));
  for (size_t i = 0; i < a.size(); ++i)
    for (size_t j = 0; j < a[0].size(); ++j) t[j][i] = a[i][j];
  return t;
}

TEST(OptimizerFormulas, MuonsStepsOfMatricesAreOrthogonalAsInItsFormula) {
  for (const auto& [rows, columns] :
       std::vector<std::pair<int64_t, int64_t>>{{5, 3}, {3, 5}, {16, 16}, {20, 50}, {33, 17}}) {
    const size_t count = static_cast<size_t>(rows * columns);
    std::vector<float> w(count, 0.0f), g(count);
    for (size_t i = 0; i < count; ++i) g[i] = std::sin(static_cast<float>(i * i + 1));
    SteppedOptimizer trainer(Muon({.learning_rate = 0.1f, .weight_decay = 0.0f}), {w}, {rows, columns});
    trainer.step({g});
    // The momentum of the first step is g; with nesterov it goes g + 0.95 g.
    Doubles x(static_cast<size_t>(rows), std::vector<double>(static_cast<size_t>(columns)));
    double norm = 0;
    for (size_t i = 0; i < count; ++i) norm += std::pow(1.95 * static_cast<double>(g[i]), 2);
    for (size_t i = 0; i < count; ++i)
      x[i / static_cast<size_t>(columns)][i % static_cast<size_t>(columns)] = 1.95 * g[i] / (std::sqrt(norm) + 1e-7);
    if (rows > columns) x = turned(x);
    for (int step = 0; step < 5; ++step) {
      const Doubles a = times(x, turned(x)), aa = times(a, a);
      Doubles b = a;
      for (size_t i = 0; i < a.size(); ++i)
        for (size_t j = 0; j < a.size(); ++j) b[i][j] = -4.775 * a[i][j] + 2.0315 * aa[i][j];
      const Doubles bx = times(b, x);
      for (size_t i = 0; i < x.size(); ++i)
        for (size_t j = 0; j < x[0].size(); ++j) x[i][j] = 3.4445 * x[i][j] + bx[i][j];
    }
    if (rows > columns) x = turned(x);
    const double scale = 0.1 * 0.2 * std::sqrt(static_cast<double>(std::max(rows, columns)));
    for (size_t i = 0; i < count; ++i)
      ASSERT_NEAR(trainer.weights[0][i], -scale * x[i / static_cast<size_t>(columns)][i % static_cast<size_t>(columns)],
                  2e-5)
          << rows << " x " << columns << " at " << i;
  }
}

TEST(OptimizerFormulas, MuonLeavesEmbeddingsVectorsAndExcludedLayersToAdamW) {
  const auto muon = make_optimizer(Muon({.exclude_layers = {"^head/"}}));
  EXPECT_TRUE(muon->is_whole({"dense/kernel", {4, 3}}));
  EXPECT_FALSE(muon->is_whole({"dense/bias", {3}}));
  EXPECT_FALSE(muon->is_whole({"conv/kernel", {3, 3, 4, 8}}));
  EXPECT_FALSE(muon->is_whole({"Embedding_1/embeddings", {10, 3}}));
  EXPECT_FALSE(muon->is_whole({"head/kernel", {4, 3}}));
  EXPECT_EQ(muon->slots({"dense/kernel", {4, 3}}).size(), 1u);
  EXPECT_EQ(muon->slots({"dense/bias", {3}}).size(), 2u);
}

TEST(OptimizerFormulas, AdafactorKeepsRowsAndColumnsOfTheLastTwoAxes) {
  const auto slots = make_optimizer("adafactor")->slots({"conv/kernel", {3, 2, 4, 8}});
  EXPECT_EQ(*slots[0].shape, Shape({3, 2, 4}));
  EXPECT_EQ(*slots[1].shape, Shape({3, 2, 8}));
  EXPECT_FALSE(slots[2].shape.has_value());
}

}  // namespace
}  // namespace batchwise
