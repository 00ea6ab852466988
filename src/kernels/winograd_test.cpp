// Winograd convolutions against sums in double precision, on layers of real size.
#include "kernels/winograd.h"

#include <hwy/highway.h>

#include <cmath>

#include "kernels/convolution.h"
#include "kernels/kernel_trial.h"
#include "kernels/reference/linear.h"

namespace batchwise {
namespace {

struct Layer {
  int64_t height, width, channels, filters;
  bool same;
};

std::ostream& operator<<(std::ostream& out, const Layer& l) {
  return out << l.height << "x" << l.width << "x" << l.channels << " -> " << l.filters
             << (l.same ? ", same" : ", valid");
}

ConvolutionKernelOptions options_of(const Layer& l, int64_t grain) {
  return {.channels = l.channels,
          .filters = l.filters,
          .window = {.height = window_axis(l.height, 3, 1, 1, l.same), .width = window_axis(l.width, 3, 1, 1, l.same)},
          .grain = grain};
}

trial::KernelRunInput given_for(const ConvolutionKernelOptions& o, int64_t rows) {
  const WindowAxis &height = o.window.height, &width = o.window.width;
  trial::KernelRunInput given;
  given.input = trial::random_values(rows * height.input * width.input * o.channels, 1);
  given.weights = {trial::random_values(9 * o.channels * o.filters, 2), trial::random_values(o.filters, 3)};
  given.output_gradient = trial::random_values(rows * height.output * width.output * o.filters, 4);
  return given;
}

// Passes that the rule gives to Winograd's way.
int passes(const ConvolutionKernelOptions& o) {
  const WinogradPasses way = winograd_passes(o.window, o.channels, o.filters, o.groups);
  return way.forward + way.input_gradient + way.weight_gradient;
}

// The root of the mean squared difference against that of the values.
double relative_error(const std::vector<float>& expected, const std::vector<float>& got) {
  double difference = 0, size = 0;
  for (size_t i = 0; i < expected.size(); ++i) {
    const double e = expected[i], d = e - static_cast<double>(got[i]);
    difference += d * d;
    size += e * e;
  }
  return std::sqrt(difference / size);
}

TEST(Winograd, IsAsPreciseAsItMustBeOnRealLayers) {
  for (const Layer& layer : {Layer{64, 64, 16, 32, true}, Layer{32, 32, 32, 64, true}, Layer{56, 56, 64, 64, true},
                             Layer{28, 28, 128, 128, true}, Layer{14, 14, 256, 256, true}, Layer{26, 26, 32, 64, false},
                             Layer{29, 19, 32, 48, true}, Layer{31, 18, 32, 32, false}, Layer{11, 11, 32, 64, false},
                             Layer{7, 9, 128, 64, true}, Layer{8, 8, 256, 256, true}}) {
    std::ostringstream what;
    what << layer;
    SCOPED_TRACE(what.str());
    const bool small = layer.channels <= 32;
    const ConvolutionKernelOptions o = options_of(layer, small ? 2 : 1);
    ASSERT_EQ(passes(o), 3);
    const trial::KernelRunInput given = given_for(o, 1);
    const trial::KernelRun run = trial::run_kernel(*make_convolution_kernel(o), o.grain, 1, given);
    const reference::Convolution convolution{o.window, o.channels, o.filters, 1};
    const std::vector<float> output =
        reference::convolve(convolution, 1, given.input, given.weights[0], given.weights[1]);
    const reference::Gradients gradients =
        reference::convolution_gradients(convolution, 1, given.input, given.weights[0], given.output_gradient);
    EXPECT_LE(relative_error(output, run.output), 2e-6);
    EXPECT_LE(relative_error(gradients.input, run.input_gradient), 2e-6);
    EXPECT_LE(relative_error(gradients.kernel, run.weight_gradients[0]), 2e-6);
    // The worst element of hundreds of thousands.
    trial::expect_close(output, run.output, 4e-6, "output");
    trial::expect_close(gradients.input, run.input_gradient, 4e-6, "input gradient");
    trial::expect_close(gradients.kernel, run.weight_gradients[0], 4e-6, "kernel gradient");
  }
}

TEST(Winograd, GivesASampleTheSameBitsInAnyGrain) {
  const Layer layer{26, 22, 32, 64, false};
  const trial::KernelRunInput given = given_for(options_of(layer, 5), 5);
  const trial::KernelRun five = trial::run_kernel(*make_convolution_kernel(options_of(layer, 5)), 5, 5, given);
  ASSERT_GT(passes(options_of(layer, 5)), 0);
  for (int64_t row = 0; row < 5; ++row) {
    const auto part = [&](const std::vector<float>& all) {
      const int64_t count = static_cast<int64_t>(all.size()) / 5;
      return std::vector<float>(all.begin() + row * count, all.begin() + (row + 1) * count);
    };
    const trial::KernelRun one = trial::run_kernel(
        *make_convolution_kernel(options_of(layer, 1)), 1, 1,
        {.input = part(given.input), .weights = given.weights, .output_gradient = part(given.output_gradient)});
    EXPECT_EQ(one.output, part(five.output));
    EXPECT_EQ(one.input_gradient, part(five.input_gradient));
  }
}

// Four tiles, then six: lanes beyond those have nothing to do.
TEST(Winograd, GivesTheSameBitsInMoreSharesThanTiles) {
  for (const Layer& layer : {Layer{8, 8, 128, 128, true}, Layer{9, 14, 16, 32, false}}) {
    const ConvolutionKernelOptions options = options_of(layer, 1);
    ASSERT_GT(passes(options), 0);
    const trial::KernelRunInput given = given_for(options, 1);
    const auto kernel = make_convolution_kernel(options);
    const std::vector<float> whole = trial::forward_in_shares(*kernel, 1, given, 1);
    for (const int shares : {3, 5, 16, 64})
      EXPECT_EQ(whole, trial::forward_in_shares(*kernel, 1, given, shares)) << shares;
  }
}

TEST(Winograd, GivesTheSameBitsWithHalfTheVectorLength) {
  if (!(hwy::SupportedTargets() & HWY_AVX3))
    GTEST_SKIP() << "this machine has one vector length with fused multiply-add";
  ConvolutionKernelOptions options = options_of({30, 25, 32, 48, true}, 2);
  options.relu = true;
  ASSERT_GT(passes(options), 0);
  const trial::KernelRunInput given = given_for(options, 2);
  const auto kernel = make_convolution_kernel(options);
  const trial::KernelRun wide = trial::run_kernel(*kernel, 2, 2, given);
  hwy::DisableTargets(HWY_AVX3 | HWY_AVX3_DL);
  const trial::KernelRun narrow = trial::run_kernel(*kernel, 2, 2, given);
  hwy::DisableTargets(0);
  EXPECT_EQ(wide.output, narrow.output);
  EXPECT_EQ(wide.input_gradient, narrow.input_gradient);
  EXPECT_EQ(wide.weight_gradients, narrow.weight_gradients);
}

TEST(Winograd, KeepsWeightsInThePanelsThatTheirGradientHas) {
  const auto kernel = make_convolution_kernel(options_of({32, 32, 32, 64, true}, 1));
  ConvolutionKernelOptions direct = options_of({32, 32, 32, 64, true}, 1);
  direct.winograd = false;
  EXPECT_TRUE(kernel->gradient_layout(0)->same(*make_convolution_kernel(direct)->gradient_layout(0)));
  EXPECT_EQ(kernel->forward_layout(0)->bytes(), 36 * 32 * 64 * 4);
}

TEST(Winograd, LayoutsUnpackWhatTheyPackedButForRounding) {
  const std::vector<float> canonical = trial::random_values(9 * 32 * 48, 6);
  for (const WeightLayoutPtr& layout : {winograd_forward_layout(32, 48), winograd_backward_layout(32, 48)}) {
    std::vector<float> stored(static_cast<size_t>(layout->bytes() / 4)), again(canonical.size());
    layout->pack(canonical.data(), stored.data());
    layout->unpack(stored.data(), again.data());
    trial::expect_close(canonical, again, 1e-6, "weights");
  }
}

TEST(Winograd, IsNotForStridesDilationsGroupsOrOddChannels) {
  const Window plain{window_axis(32, 3, 1, 1, true), window_axis(32, 3, 1, 1, true)};
  EXPECT_TRUE(winograd_passes(plain, 32, 64, 1).forward);
  EXPECT_FALSE(winograd_passes(plain, 32, 64, 2).forward);
  EXPECT_FALSE(winograd_passes(plain, 30, 64, 1).forward);
  EXPECT_FALSE(winograd_passes(plain, 32, 60, 1).forward);
  for (const WindowAxis& other : {window_axis(32, 3, 2, 1, true), window_axis(32, 3, 1, 2, true),
                                  window_axis(32, 5, 1, 1, true), window_axis(6, 3, 1, 1, true)}) {
    EXPECT_FALSE(winograd_passes({other, plain.width}, 32, 64, 1).forward);
    EXPECT_FALSE(winograd_passes({plain.height, other}, 32, 64, 1).forward);
  }
}

}  // namespace
}  // namespace batchwise
