// A convolution joined with its pooling against the two kernels one after the other.
#include "kernels/pooled_convolution.h"

#include "kernels/kernel_trial.h"

namespace batchwise {
namespace {

struct Setting {
  const char* name;
  ConvolutionKernelOptions convolution;
  int64_t size = 2, stride = 2;
  bool same_pooling = false;
};

ConvolutionKernelOptions images(int64_t height, int64_t width, int64_t channels, int64_t filters, bool relu) {
  return {.channels = channels,
          .filters = filters,
          .window = {.height = window_axis(height, 3, 1, 1, true), .width = window_axis(width, 3, 1, 1, true)},
          .grain = 3,
          .relu = relu};
}

PoolingKernelOptions pooling_of(const Setting& s) {
  const Window& convolved = s.convolution.window;
  PoolingKernelOptions pooling{.channels = s.convolution.filters, .grain = s.convolution.grain};
  const auto axis = [&](int64_t positions) { return window_axis(positions, s.size, s.stride, 1, s.same_pooling); };
  pooling.window.rank = convolved.rank;
  pooling.window.width = axis(convolved.width.output);
  if (convolved.rank >= 2) pooling.window.height = axis(convolved.height.output);
  if (convolved.rank == 3) pooling.window.depth = axis(convolved.depth.output);
  return pooling;
}

std::vector<Setting> settings() {
  std::vector<Setting> all{
      {"small images, several together", images(12, 10, 3, 8, true)},
      {"without a rectifier", images(12, 10, 3, 8, false)},
      {"odd sizes: the last row and column are in no window", images(13, 11, 3, 5, true)},
      {"odd sizes, padded", images(13, 11, 3, 5, true), 2, 2, true},
      {"padding before the first window", images(13, 13, 3, 5, true), 4, 3, true},
      {"windows that overlap", images(12, 12, 4, 7, true), 3, 2},
      {"windows with gaps", images(14, 14, 4, 7, true), 2, 3},
      {"bands of rows", images(96, 90, 3, 16, true)},
      {"bands of rows, an odd one at the end", images(97, 90, 3, 17, true), 3, 3},
      {"bands of Winograd's tiles", images(62, 64, 16, 32, true)},
      {"bands of Winograd's tiles, windows of three", images(63, 60, 16, 32, false), 3, 3},
      {"Winograd's way on small images", images(14, 14, 16, 16, true)},
  };
  Setting first{"bands of rows, without a gradient of the input", images(99, 90, 3, 16, true)};
  first.convolution.input_gradient = false;
  all.push_back(first);
  first.name = "the same without a bias, in strides";
  first.convolution.window.height = window_axis(99, 3, 2, 1, false);
  first.convolution.filters = 32;
  first.convolution.bias = false;
  all.push_back(first);
  Setting point{"windows of one position", images(40, 40, 8, 24, true)};
  point.convolution.window = {.height = window_axis(40, 1, 1, 1, false), .width = window_axis(40, 1, 1, 1, false)};
  all.push_back(point);
  Setting groups{"groups", images(64, 64, 6, 40, true)};
  groups.convolution.groups = 2;
  all.push_back(groups);
  Setting line{"lines", images(1, 50, 6, 20, true)};
  line.convolution.window = {.width = window_axis(50, 3, 1, 1, true), .rank = 1};
  all.push_back(line);
  Setting volume{"volumes", images(10, 11, 2, 6, true)};
  volume.convolution.window.depth = window_axis(6, 3, 1, 1, true);
  volume.convolution.window.rank = 3;
  all.push_back(volume);
  return all;
}

trial::KernelRunInput given_for(const Setting& s, int64_t rows) {
  const ConvolutionKernelOptions& o = s.convolution;
  trial::KernelRunInput given;
  given.input = trial::random_values(rows * o.window.inputs() * o.channels, 1);
  given.weights = {trial::random_values(o.window.taps() * o.channels / o.groups * o.filters, 2)};
  if (o.bias) given.weights.push_back(trial::random_values(o.filters, 3));
  given.output_gradient = trial::random_values(rows * pooling_of(s).window.outputs() * o.filters, 4);
  given.input_gradient = o.input_gradient;
  return given;
}

TEST(PooledConvolution, GivesWhatConvolvingAndThenPoolingGives) {
  for (const Setting& s : settings())
    for (const int64_t rows : {3, 2}) {
      SCOPED_TRACE(s.name);
      const int64_t grain = s.convolution.grain;
      const auto convolution = make_convolution_kernel(s.convolution);
      const auto pooling = make_max_pooling_kernel(pooling_of(s));
      const auto both = convolution->joined(*pooling);
      ASSERT_TRUE(both);

      const trial::KernelRunInput given = given_for(s, rows);
      trial::KernelRunInput first = given, second;
      first.output_gradient.clear();
      second.input = trial::run_kernel(*convolution, grain, rows, first).output;
      second.output_gradient = given.output_gradient;
      const trial::KernelRun pooled = trial::run_kernel(*pooling, grain, rows, second);
      first.output_gradient = pooled.input_gradient;
      const trial::KernelRun expected = trial::run_kernel(*convolution, grain, rows, first);

      const trial::KernelRun got = trial::run_kernel(*both, grain, rows, given);
      EXPECT_EQ(pooled.output, got.output);
      trial::expect_close(expected.input_gradient, got.input_gradient, 1e-6, "gradient of the input");
      for (size_t w = 0; w < given.weights.size(); ++w)
        trial::expect_close(expected.weight_gradients[w], got.weight_gradients[w], 2e-6, "gradient of a weight");
      if (HasFailure()) return;
    }
}

TEST(PooledConvolution, GivesTheSameBitsInShares) {
  for (const Setting& s : settings()) {
    SCOPED_TRACE(s.name);
    const auto both = make_pooled_convolution_kernel(s.convolution, pooling_of(s));
    const trial::KernelRunInput given = given_for(s, s.convolution.grain);
    const auto run = [&](int shares) { return trial::forward_in_shares(*both, s.convolution.grain, given, shares); };
    const std::vector<float> whole = run(1);
    for (const int shares : {2, 5, 64}) EXPECT_EQ(whole, run(shares)) << shares;
  }
}

TEST(PooledConvolution, KeepsOnlyWinnersAndPooledOutputs) {
  const Setting s{"", images(128, 128, 3, 16, true)};
  const auto both = make_pooled_convolution_kernel(s.convolution, pooling_of(s));
  const int64_t image = 128 * 128 * 16 * 4;
  EXPECT_EQ(both->outputs()[0].shape, (Shape{64, 64, 16}));
  EXPECT_EQ(both->memory().saved, 3 * 64 * 64 * 16);
  EXPECT_LT(both->memory().forward_scratch, image / 2);
}

TEST(PooledConvolution, IsNotMadeOfOtherPooling) {
  const Setting s{"", images(12, 10, 3, 8, true)};
  const auto convolution = make_convolution_kernel(s.convolution);
  EXPECT_FALSE(convolution->joined(*make_average_pooling_kernel(pooling_of(s))));
  EXPECT_FALSE(convolution->joined(*convolution));
  ConvolutionKernelOptions rounded = s.convolution;
  rounded.bfloat16 = true;
  EXPECT_FALSE(make_convolution_kernel(rounded)->joined(*make_max_pooling_kernel(pooling_of(s))));
}

}  // namespace
}  // namespace batchwise
