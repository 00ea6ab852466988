// Constraints against their formulas written out, for every axis.
#include <cmath>

#include <batchwise/optimizer.h>
#include <batchwise/optimizers.h>
#include <gtest/gtest.h>

namespace batchwise {
namespace {

// A weight of shape (2, 3, 70): more columns than are done at a time.
const Shape kShape{2, 3, 70};

std::vector<float> start() {
  std::vector<float> w(static_cast<size_t>(kShape.count()));
  for (size_t i = 0; i < w.size(); ++i) w[i] = std::sin(static_cast<float>(i * i));
  return w;
}

// Norms over the axes where `over` is true, element by element.
std::vector<double> norms(const std::vector<float>& w, const std::vector<bool>& over) {
  std::vector<double> out(w.size());
  const auto place = [&](size_t i) { return std::vector<size_t>{i / 210, i / 70 % 3, i % 70}; };
  for (size_t i = 0; i < w.size(); ++i) {
    double sum = 0;
    for (size_t j = 0; j < w.size(); ++j) {
      bool same = true;
      for (size_t a = 0; a < 3; ++a) same = same && (over[a] || place(i)[a] == place(j)[a]);
      if (same) sum += std::pow(static_cast<double>(w[j]), 2);
    }
    out[i] = std::sqrt(sum);
  }
  return out;
}

TEST(Constraints, ScaleWeightsByTheirNormsOverTheAxesGiven) {
  const std::vector<std::pair<std::vector<int64_t>, std::vector<bool>>> cases{
      {{0}, {true, false, false}},   {{1}, {false, true, false}},   {{-1}, {false, false, true}},
      {{0, 1}, {true, true, false}}, {{2, 1}, {false, true, true}}, {{0, 1, 2}, {true, true, true}}};
  for (const auto& [axis, over] : cases) {
    const std::vector<float> before = start();
    const std::vector<double> norm = norms(before, over);
    const auto expect = [&](const Spec& spec, const auto& scale) {
      std::vector<float> w = before;
      make_constraint(spec)->apply(kShape, w.data());
      for (size_t i = 0; i < w.size(); ++i) ASSERT_NEAR(w[i], before[i] * scale(norm[i]), 1e-6) << spec.config.text();
    };
    expect(constraints::MaxNorm(1.2f, axis), [](double n) { return std::min(n, 1.2) / (1e-7 + n); });
    expect(constraints::UnitNorm(axis), [](double n) { return 1 / (1e-7 + n); });
    expect(constraints::MinMaxNorm({.min_value = 1.1f, .max_value = 1.3f, .rate = 0.4f, .axis = axis}),
           [](double n) { return (0.4 * std::clamp(n, 1.1, 1.3) + 0.6 * n) / (1e-7 + n); });
  }
}

TEST(Constraints, NonNegTakesWeightsBelowZeroToZero) {
  std::vector<float> w{-1, 0, 2};
  make_constraint("non_neg")->apply({3}, w.data());
  EXPECT_EQ(w, (std::vector<float>{0, 0, 2}));
}

TEST(Constraints, EveryOneIsMadeAgainFromItsConfig) {
  for (const std::string& name : Registry<Constraint>::instance().names())
    for (const Config& example : Registry<Constraint>::instance().find(name)->examples) {
      const auto constraint = make_constraint(Spec(name, example));
      EXPECT_EQ(constraint->class_name(), name);
      EXPECT_EQ(make_constraint(Spec(name, constraint->config()))->config(), constraint->config());
    }
}

TEST(Constraints, WhatDoesNotFitIsRefused) {
  EXPECT_THROW(make_constraint(constraints::MaxNorm(1, {2}))->check({3, 4}), Error);
  EXPECT_THROW(make_constraint(constraints::MaxNorm(1, {0, 2}))->check({3, 4, 5}), Error);
  EXPECT_THROW(make_constraint(constraints::MaxNorm(-1)), Error);
  EXPECT_THROW(make_constraint("MaxNrom"), Error);
}

}  // namespace
}  // namespace batchwise
