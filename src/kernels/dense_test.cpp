// Dense kernels against plain loops.
#include "kernels/dense.h"

#include <hwy/highway.h>

#include <batchwise/error.h>

#include "kernels/instruction_set.h"
#include "kernels/kernel_trial.h"
#include "kernels/reference/linear.h"

namespace batchwise {
namespace {

trial::KernelRunInput given_for(const DenseKernelOptions& o, int64_t rows, uint64_t seed) {
  const int64_t inputs = o.input.shape.back(), positions = o.input.shape.count() / inputs;
  trial::KernelRunInput given;
  given.input = trial::random_values(rows * o.input.shape.count(), seed);
  given.weights = {trial::random_values(inputs * o.units, seed + 1)};
  if (o.bias) given.weights.push_back(trial::random_values(o.units, seed + 2));
  given.output_gradient = trial::random_values(rows * positions * o.units, seed + 3);
  if (o.bfloat16) trial::round_to_bfloat16(given);
  return given;
}

void expect_as_reference(const DenseKernelOptions& o, int64_t rows) {
  const int64_t inputs = o.input.shape.back(), positions = o.input.shape.count() / inputs;
  const trial::KernelRunInput given = given_for(o, rows, 21);
  const auto kernel = make_dense_kernel(o);
  const trial::KernelRun run = trial::run_kernel(*kernel, o.grain, rows, given);
  const reference::Convolution dense{
      {window_axis(1, 1, 1, 1, false), window_axis(1, 1, 1, 1, false)}, inputs, o.units, 1};
  std::vector<float> output = reference::convolve(dense, rows * positions, given.input, given.weights[0],
                                                  o.bias ? given.weights[1] : std::vector<float>());
  std::vector<float> gradient = given.output_gradient;
  for (size_t i = 0; o.relu && i < output.size(); ++i) {
    output[i] = std::max(output[i], 0.0f);
    if (run.output[i] <= 0) gradient[i] = 0;
  }
  const reference::Gradients gradients =
      reference::convolution_gradients(dense, rows * positions, given.input, given.weights[0], gradient);
  trial::expect_close(output, run.output, 3e-6, "output");
  trial::expect_close(gradients.input, run.input_gradient, 3e-6, "input gradient");
  trial::expect_close(gradients.kernel, run.weight_gradients[0], 3e-6, "kernel gradient");
  if (o.bias) trial::expect_close(gradients.bias, run.weight_gradients[1], 3e-6, "bias gradient");
}

TEST(DenseKernel, AgreesWithPlainLoops) {
  for (const Shape& shape : {Shape{1}, Shape{5}, Shape{784}, Shape{1030}, Shape{2500}, Shape{4, 7}, Shape{2, 3, 20}})
    for (const int64_t units : {1, 10, 16, 33, 128})
      for (const auto& [grain, rows] : {std::pair<int64_t, int64_t>{1, 1}, {16, 16}, {16, 3}, {7, 7}})
        for (const bool relu : {false, true}) {
          SCOPED_TRACE(shape.text() + " -> " + std::to_string(units) + ", " + std::to_string(rows) + " of " +
                       std::to_string(grain));
          DenseKernelOptions options{
              .input = {shape}, .units = units, .grain = grain, .bias = !relu || units > 10, .relu = relu};
          expect_as_reference(options, rows);
          options.bfloat16 = true;
          expect_as_reference(options, rows);
          if (HasFatalFailure()) return;
        }
}

TEST(DenseKernel, AgreesWithPlainLoopsOverLongSums) {
  expect_as_reference({.input = {{300, 8}}, .units = 20, .grain = 10}, 9);
}

void expect_same_bits_in_any_grain(bool bfloat16) {
  const DenseKernelOptions many{.input = {{784}}, .units = 70, .grain = 13, .bfloat16 = bfloat16},
      one{.input = {{784}}, .units = 70, .grain = 1, .bfloat16 = bfloat16};
  const trial::KernelRunInput given = given_for(many, 13, 2);
  const auto together = make_dense_kernel(many), alone = make_dense_kernel(one);
  const std::vector<float> all = trial::run_kernel(*together, 13, 13, given).output;
  for (int64_t row = 0; row < 13; ++row) {
    const std::vector<float> sample(given.input.begin() + row * 784, given.input.begin() + (row + 1) * 784);
    EXPECT_EQ(trial::run_kernel(*alone, 1, 1, {.input = sample, .weights = given.weights}).output,
              std::vector<float>(all.begin() + row * 70, all.begin() + (row + 1) * 70));
  }
}

TEST(DenseKernel, GivesASampleTheSameBitsInAnyGrain) {
  for (const bool bfloat16 : {false, true}) expect_same_bits_in_any_grain(bfloat16);
}

TEST(DenseKernel, GivesTheSameBitsWithHalfTheVectorLength) {
  if (!(hwy::SupportedTargets() & HWY_AVX3))
    GTEST_SKIP() << "this machine has one vector length with fused multiply-add";
  const DenseKernelOptions options{.input = {{1500}}, .units = 75, .grain = 9, .relu = true};
  const trial::KernelRunInput given = given_for(options, 9, 4);
  const auto kernel = make_dense_kernel(options);
  const trial::KernelRun wide = trial::run_kernel(*kernel, 9, 9, given);
  hwy::DisableTargets(HWY_AVX3 | HWY_AVX3_DL);
  EXPECT_EQ(instruction_set(), "avx2");
  const trial::KernelRun narrow = trial::run_kernel(*kernel, 9, 9, given);
  hwy::DisableTargets(0);
  EXPECT_EQ(wide.output, narrow.output);
  EXPECT_EQ(wide.input_gradient, narrow.input_gradient);
  EXPECT_EQ(wide.weight_gradients, narrow.weight_gradients);
}

TEST(DenseKernel, PutsANaNOnlyWhereItBelongs) {
  const DenseKernelOptions options{.input = {{20}}, .units = 10, .grain = 3};
  trial::KernelRunInput given = given_for(options, 3, 8);
  given.input[20 + 4] = std::numeric_limits<float>::quiet_NaN();
  const auto kernel = make_dense_kernel(options);
  const trial::KernelRun run = trial::run_kernel(*kernel, 3, 3, given);
  for (size_t i = 0; i < run.output.size(); ++i) EXPECT_EQ(std::isnan(run.output[i]), i / 10 == 1) << i;
  for (size_t i = 0; i < 200; ++i) EXPECT_EQ(std::isnan(run.weight_gradients[0][i]), i / 10 == 4) << i;
}

TEST(DenseKernel, RefusesInputsThatItWouldMisread) {
  EXPECT_THROW(make_dense_kernel({.input = {{4, 4, 16}, DType::Float32, 16}, .units = 3}), Error);
  EXPECT_THROW(make_dense_kernel({.input = {{4}, DType::UInt8}, .units = 3}), Error);
}

}  // namespace
}  // namespace batchwise
