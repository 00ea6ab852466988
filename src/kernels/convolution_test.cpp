// Convolution kernels against plain loops, over every kind of window.
#include "kernels/convolution.h"

#include <hwy/highway.h>

#include "kernels/instruction_set.h"
#include "kernels/kernel_trial.h"
#include "kernels/reference/linear.h"

namespace batchwise {
namespace {

struct Shapes {
  int64_t height, width, channels, filters, kernel_height, kernel_width, stride_height, stride_width, dilation_height,
      dilation_width, groups;
  bool same;
};

std::ostream& operator<<(std::ostream& out, const Shapes& s) {
  return out << s.height << "x" << s.width << "x" << s.channels << " -> " << s.filters << ", window " << s.kernel_height
             << "x" << s.kernel_width << ", strides " << s.stride_height << "," << s.stride_width << ", dilation "
             << s.dilation_height << "," << s.dilation_width << ", groups " << s.groups
             << (s.same ? ", same" : ", valid");
}

ConvolutionKernelOptions options_of(const Shapes& s, int64_t grain) {
  return {.channels = s.channels,
          .filters = s.filters,
          .groups = s.groups,
          .window = {.height = window_axis(s.height, s.kernel_height, s.stride_height, s.dilation_height, s.same),
                     .width = window_axis(s.width, s.kernel_width, s.stride_width, s.dilation_width, s.same)},
          .grain = grain};
}

trial::KernelRunInput given_for(const ConvolutionKernelOptions& o, int64_t rows, uint64_t seed) {
  trial::KernelRunInput given;
  given.input = trial::random_values(rows * o.window.inputs() * o.channels, seed);
  given.weights = {trial::random_values(o.window.taps() * o.channels / o.groups * o.filters, seed + 1)};
  if (o.bias) given.weights.push_back(trial::random_values(o.filters, seed + 2));
  given.output_gradient = trial::random_values(rows * o.window.outputs() * o.filters, seed + 3);
  if (o.bfloat16) trial::round_to_bfloat16(given);
  return given;
}

void expect_as_reference(ConvolutionKernelOptions o, int64_t rows) {
  for (const bool relu : {false, true}) {
    o.relu = relu;
    o.bias = !relu || rows % 2 == 0;
    const trial::KernelRunInput given = given_for(o, rows, 5);
    const auto kernel = make_convolution_kernel(o);
    const trial::KernelRun run = trial::run_kernel(*kernel, o.grain, rows, given);
    const reference::Convolution convolution{o.window, o.channels, o.filters, o.groups};
    std::vector<float> output = reference::convolve(convolution, rows, given.input, given.weights[0],
                                                    o.bias ? given.weights[1] : std::vector<float>());
    std::vector<float> gradient = given.output_gradient;
    for (size_t i = 0; relu && i < output.size(); ++i) {
      output[i] = std::max(output[i], 0.0f);
      // Values that round to either side of zero must not decide the test: the kernel's own outputs say what passed.
      if (run.output[i] <= 0) gradient[i] = 0;
    }
    const reference::Gradients gradients =
        reference::convolution_gradients(convolution, rows, given.input, given.weights[0], gradient);
    trial::expect_close(output, run.output, 2e-6, "output");
    trial::expect_close(gradients.input, run.input_gradient, 2e-6, "input gradient");
    trial::expect_close(gradients.kernel, run.weight_gradients[0], 2e-6, "kernel gradient");
    // Thousands of values that cancel.
    if (o.bias) trial::expect_close(gradients.bias, run.weight_gradients[1], 5e-6, "bias gradient");
  }
}

const Shapes kShapes[] = {{7, 9, 3, 16, 3, 3, 1, 1, 1, 1, 1, true},   {7, 9, 3, 17, 3, 3, 1, 1, 1, 1, 1, false},
                          {8, 8, 16, 32, 3, 3, 1, 1, 1, 1, 1, true},  {8, 8, 32, 64, 3, 3, 2, 2, 1, 1, 1, true},
                          {9, 7, 20, 35, 3, 3, 2, 2, 1, 1, 1, false}, {9, 9, 5, 10, 3, 2, 2, 3, 1, 1, 1, true},
                          {11, 10, 4, 6, 3, 3, 1, 1, 2, 3, 1, true},  {11, 10, 4, 6, 3, 3, 1, 1, 3, 2, 1, false},
                          {12, 11, 4, 6, 3, 3, 2, 2, 2, 2, 1, true},  {12, 11, 4, 6, 3, 2, 3, 2, 2, 3, 1, false},
                          {6, 6, 8, 12, 3, 3, 1, 1, 1, 1, 4, true},   {7, 6, 6, 6, 3, 3, 2, 1, 1, 1, 6, true},
                          {6, 5, 24, 70, 1, 1, 1, 1, 1, 1, 1, false}, {7, 7, 24, 40, 1, 1, 2, 2, 1, 1, 1, true},
                          {6, 6, 2, 3, 4, 4, 3, 3, 1, 1, 1, true},    {5, 5, 3, 4, 2, 2, 4, 4, 1, 1, 1, false},
                          {3, 4, 2, 5, 5, 5, 1, 1, 1, 1, 1, true},    {5, 5, 130, 80, 3, 3, 1, 1, 1, 1, 1, true},
                          {1, 13, 3, 4, 1, 5, 1, 2, 1, 1, 1, true},   {40, 40, 2, 2, 3, 3, 1, 1, 1, 1, 1, true},
                          {3, 1, 4, 5, 3, 3, 2, 2, 1, 1, 1, true},    {1, 2, 3, 17, 3, 3, 3, 3, 1, 1, 1, true}};

TEST(ConvolutionKernel, AgreesWithPlainLoopsForEveryKindOfWindow) {
  for (const Shapes& shapes : kShapes)
    for (const auto& [grain, rows] : {std::pair<int64_t, int64_t>{1, 1}, {4, 4}, {3, 2}}) {
      std::ostringstream what;
      what << shapes << ", " << rows << " of " << grain;
      SCOPED_TRACE(what.str());
      ConvolutionKernelOptions options = options_of(shapes, grain);
      expect_as_reference(options, rows);
      options.bfloat16 = true;
      expect_as_reference(options, rows);
      if (HasFatalFailure()) return;
    }
}

TEST(ConvolutionKernel, AgreesWithPlainLoopsOnVolumesAndLines) {
  for (const int64_t stride : {1, 2})
    for (const bool same : {false, true}) {
      ConvolutionKernelOptions volume = options_of({5, 7, 3, 18, 3, 2, stride, 1, 1, 1, 1, same}, 3);
      volume.window.depth = window_axis(6, 3, stride, stride == 1 ? 2 : 1, same);
      volume.window.rank = 3;
      expect_as_reference(volume, 2);
      volume.bfloat16 = true;
      expect_as_reference(volume, 2);
      ConvolutionKernelOptions line = options_of({1, 11, 4, 6, 1, 3, 1, stride, 1, 1, 2, same}, 3);
      line.window.rank = 1;
      expect_as_reference(line, 3);
      line.window.width = causal_axis(11, 3, stride, stride == 1 ? 2 : 1);
      expect_as_reference(line, 3);
      line.bfloat16 = true;
      expect_as_reference(line, 3);
    }
}

// What the transpose gives is the gradient that the convolution has for its inputs.
TEST(TransposedConvolutionKernel, IsTheConvolutionTurnedRound) {
  for (size_t number = 0; number < 2 * std::size(kShapes); ++number) {
    const Shapes& shapes = kShapes[number / 2];
    std::ostringstream what;
    what << shapes;
    SCOPED_TRACE(what.str());
    ConvolutionKernelOptions o = options_of(shapes, 3);
    o.bfloat16 = number % 2 == 1;
    const int64_t rows = 2;
    const trial::KernelRunInput forward = given_for(o, rows, 9);
    trial::KernelRunInput given;
    given.input = forward.output_gradient;
    given.weights = {forward.weights[0], trial::random_values(o.channels, 4)};
    given.output_gradient = forward.input;
    const auto kernel = make_transposed_convolution_kernel(o);
    const trial::KernelRun run = trial::run_kernel(*kernel, o.grain, rows, given);
    const reference::Convolution convolution{o.window, o.channels, o.filters, o.groups};
    const reference::Gradients gradients =
        reference::convolution_gradients(convolution, rows, forward.input, forward.weights[0], forward.output_gradient);
    std::vector<float> output = gradients.input;
    for (size_t i = 0; i < output.size(); ++i) output[i] += given.weights[1][i % given.weights[1].size()];
    trial::expect_close(output, run.output, 2e-6, "output");
    trial::expect_close(reference::convolve(convolution, rows, forward.input, forward.weights[0], {}),
                        run.input_gradient, 2e-6, "input gradient");
    trial::expect_close(gradients.kernel, run.weight_gradients[0], 2e-6, "kernel gradient");
    if (HasFatalFailure()) return;
  }
}

TEST(ConvolutionKernel, AgreesWithPlainLoopsForRandomShapes) {
  const auto pick = [](uint64_t trial, uint64_t what, int64_t from, int64_t to) {
    return from + static_cast<int64_t>(philox(11, trial, what)[0] % static_cast<uint64_t>(to - from + 1));
  };
  for (uint64_t t = 0; t < 60; ++t) {
    const int64_t groups = pick(t, 0, 0, 2) == 0 ? pick(t, 1, 2, 3) : 1;
    const Shapes shapes{pick(t, 2, 3, 14),
                        pick(t, 3, 3, 14),
                        groups * pick(t, 4, 1, 19),
                        groups * pick(t, 5, 1, 40),
                        pick(t, 6, 1, 3),
                        pick(t, 7, 1, 3),
                        pick(t, 8, 1, 3),
                        pick(t, 9, 1, 3),
                        pick(t, 10, 1, 2),
                        pick(t, 11, 1, 2),
                        groups,
                        pick(t, 12, 0, 1) == 1};
    const int64_t grain = pick(t, 13, 1, 5), rows = pick(t, 14, 1, grain);
    ConvolutionKernelOptions options = options_of(shapes, grain);
    options.bfloat16 = t % 2 == 1;
    if (options.window.height.output < 1 || options.window.width.output < 1) continue;
    std::ostringstream what;
    what << shapes << ", " << rows << " of " << grain;
    SCOPED_TRACE(what.str());
    expect_as_reference(options, rows);
    if (HasFatalFailure()) return;
  }
}

void expect_same_bits_in_any_grain(bool bfloat16) {
  const Shapes shapes{9, 9, 20, 40, 3, 3, 1, 1, 1, 1, 1, true};
  const trial::KernelRunInput given = given_for(options_of(shapes, 5), 5, 3);
  ConvolutionKernelOptions five_options = options_of(shapes, 5), one_options = options_of(shapes, 1);
  five_options.bfloat16 = one_options.bfloat16 = bfloat16;
  const auto together = make_convolution_kernel(five_options), alone = make_convolution_kernel(one_options);
  const trial::KernelRun five = trial::run_kernel(*together, 5, 5, given);
  for (int64_t row = 0; row < 5; ++row) {
    const auto part = [&](const std::vector<float>& all) {
      const int64_t count = static_cast<int64_t>(all.size()) / 5;
      return std::vector<float>(all.begin() + row * count, all.begin() + (row + 1) * count);
    };
    const trial::KernelRun one = trial::run_kernel(
        *alone, 1, 1,
        {.input = part(given.input), .weights = given.weights, .output_gradient = part(given.output_gradient)});
    EXPECT_EQ(one.output, part(five.output));
    EXPECT_EQ(one.input_gradient, part(five.input_gradient));
  }
}

TEST(ConvolutionKernel, GivesASampleTheSameBitsInAnyGrain) {
  for (const bool bfloat16 : {false, true}) expect_same_bits_in_any_grain(bfloat16);
}

TEST(ConvolutionKernel, GivesTheSameBitsWithHalfTheVectorLength) {
  if (!(hwy::SupportedTargets() & HWY_AVX3))
    GTEST_SKIP() << "this machine has one vector length with fused multiply-add";
  const ConvolutionKernelOptions options = options_of({10, 9, 20, 70, 3, 3, 2, 1, 1, 1, 1, true}, 2);
  const trial::KernelRunInput given = given_for(options, 2, 9);
  const auto kernel = make_convolution_kernel(options);
  const trial::KernelRun wide = trial::run_kernel(*kernel, 2, 2, given);
  hwy::DisableTargets(HWY_AVX3 | HWY_AVX3_DL);
  EXPECT_EQ(instruction_set(), "avx2");
  const trial::KernelRun narrow = trial::run_kernel(*kernel, 2, 2, given);
  hwy::DisableTargets(0);
  EXPECT_EQ(wide.output, narrow.output);
  EXPECT_EQ(wide.input_gradient, narrow.input_gradient);
  EXPECT_EQ(wide.weight_gradients, narrow.weight_gradients);
}

TEST(ConvolutionKernel, ComputesOnlyTheGradientsThatAreWanted) {
  ConvolutionKernelOptions options = options_of({6, 6, 4, 8, 3, 3, 1, 1, 1, 1, 1, true}, 2);
  options.input_gradient = false;
  const auto first = make_convolution_kernel(options);
  EXPECT_FALSE(first->backward_reads_weight(0));
  trial::KernelRunInput given = given_for(options, 2, 1);
  given.input_gradient = false;
  EXPECT_EQ(trial::run_kernel(*first, 2, 2, given).weight_gradients.size(), 2u);

  options.input_gradient = true;
  options.learns = false;
  const auto frozen = make_convolution_kernel(options);
  EXPECT_FALSE(frozen->needs().backward_inputs);
  given.input_gradient = true;
  given.weight_gradients = false;
  EXPECT_EQ(trial::run_kernel(*frozen, 2, 2, given).input_gradient.size(), given.input.size());
}

TEST(ConvolutionKernel, CountsItsWork) {
  const KernelCost cost = make_convolution_kernel(options_of({8, 8, 3, 16, 3, 3, 1, 1, 1, 1, 1, true}, 2))->cost();
  EXPECT_EQ(cost.flops, 2.0 * 2 * 8 * 8 * 16 * 27);
  EXPECT_EQ(cost.bytes, 4.0 * (2 * 8 * 8 * 16 + 2 * 8 * 8 * 3 + 27 * 16));
}

}  // namespace
}  // namespace batchwise
