// Pooling kernels against plain loops.
#include "kernels/pooling.h"

#include <batchwise/error.h>

#include "kernels/kernel_trial.h"
#include "kernels/reference/pooling.h"

namespace batchwise {
namespace {

PoolingKernelOptions options_of(int64_t height, int64_t width, int64_t channels, int64_t size, int64_t stride,
                                bool same, int64_t grain) {
  return {.channels = channels,
          .window = {.height = window_axis(height, size, stride, 1, same),
                     .width = window_axis(width, size, stride, 1, same)},
          .grain = grain};
}

trial::KernelRunInput given_for(const PoolingKernelOptions& o, int64_t rows) {
  trial::KernelRunInput given;
  given.input = trial::random_values(rows * o.window.inputs() * o.channels, 3);
  // Few different values: ties, as after a ReLU.
  for (float& value : given.input) value = std::max(0.0f, std::round(value * 4) / 4);
  given.output_gradient = trial::random_values(rows * o.window.outputs() * o.channels, 4);
  return given;
}

TEST(PoolingKernels, AgreeWithPlainLoops) {
  for (const int64_t channels : {1, 3, 8, 16, 37})
    for (const auto& [size, stride] : {std::pair<int64_t, int64_t>{2, 2}, {3, 2}, {3, 1}, {2, 3}, {1, 2}, {4, 4}})
      for (const bool same : {false, true})
        for (const auto& [grain, rows] : {std::pair<int64_t, int64_t>{1, 1}, {3, 3}, {4, 2}}) {
          SCOPED_TRACE("channels " + std::to_string(channels) + ", window " + std::to_string(size) + ", stride " +
                       std::to_string(stride) + (same ? ", same, " : ", valid, ") + std::to_string(rows) + " of " +
                       std::to_string(grain));
          const PoolingKernelOptions options = options_of(9, 8, channels, size, stride, same, grain);
          const trial::KernelRunInput given = given_for(options, rows);
          const auto largest = make_max_pooling_kernel(options), mean = make_average_pooling_kernel(options);
          const trial::KernelRun most = trial::run_kernel(*largest, grain, rows, given);
          EXPECT_EQ(most.output, reference::max_pool(options.window, channels, rows, given.input));
          trial::expect_close(
              reference::max_pool_gradient(options.window, channels, rows, given.input, given.output_gradient),
              most.input_gradient, 1e-6, "gradient of the maximum");
          const trial::KernelRun average = trial::run_kernel(*mean, grain, rows, given);
          trial::expect_close(reference::average_pool(options.window, channels, rows, given.input), average.output,
                              1e-6, "mean");
          trial::expect_close(reference::average_pool_gradient(options.window, channels, rows, given.output_gradient),
                              average.input_gradient, 1e-6, "gradient of the mean");
          if (HasFailure()) return;
        }
}

TEST(PoolingKernels, AgreeWithPlainLoopsOnVolumes) {
  for (const bool same : {false, true}) {
    PoolingKernelOptions options = options_of(6, 7, 9, 3, 2, same, 3);
    options.window.depth = window_axis(5, 2, 1, 1, same);
    options.window.rank = 3;
    const trial::KernelRunInput given = given_for(options, 2);
    const auto largest = make_max_pooling_kernel(options), mean = make_average_pooling_kernel(options);
    const trial::KernelRun most = trial::run_kernel(*largest, 3, 2, given);
    EXPECT_EQ(most.output, reference::max_pool(options.window, 9, 2, given.input));
    trial::expect_close(reference::max_pool_gradient(options.window, 9, 2, given.input, given.output_gradient),
                        most.input_gradient, 1e-6, "gradient of the maximum");
    const trial::KernelRun average = trial::run_kernel(*mean, 3, 2, given);
    trial::expect_close(reference::average_pool(options.window, 9, 2, given.input), average.output, 1e-6, "mean");
    trial::expect_close(reference::average_pool_gradient(options.window, 9, 2, given.output_gradient),
                        average.input_gradient, 1e-6, "gradient of the mean");
  }
}

TEST(PoolingKernels, KnowWinnersOfWindowsBeyond256Positions) {
  const PoolingKernelOptions options = options_of(40, 40, 5, 20, 20, false, 2);
  const trial::KernelRunInput given = given_for(options, 2);
  const auto kernel = make_max_pooling_kernel(options);
  const trial::KernelRun run = trial::run_kernel(*kernel, 2, 2, given);
  EXPECT_EQ(run.output, reference::max_pool(options.window, 5, 2, given.input));
  EXPECT_EQ(run.input_gradient, reference::max_pool_gradient(options.window, 5, 2, given.input, given.output_gradient));
  EXPECT_EQ(kernel->memory().saved, 2 * 2 * 2 * 5 * 2);
  EXPECT_THROW(make_max_pooling_kernel(options_of(300, 300, 1, 257, 1, false, 1)), Error);
}

TEST(PoolingKernels, LetNaNAndMinusInfinityThrough) {
  const PoolingKernelOptions options = options_of(2, 4, 1, 2, 2, false, 1);
  const float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  const auto kernel = make_max_pooling_kernel(options);
  const trial::KernelRun run =
      trial::run_kernel(*kernel, 1, 1, {.input = {-inf, -inf, 1, nan, -inf, -inf, 2, 3}, .output_gradient = {5, 7}});
  EXPECT_EQ(run.output[0], -inf);
  EXPECT_TRUE(std::isnan(run.output[1]));
  EXPECT_EQ(run.input_gradient, (std::vector<float>{5, 0, 0, 7, 0, 0, 0, 0}));
}

TEST(GlobalAveragePooling2DKernel, IsThePoolOverTheWholeImage) {
  for (const int64_t channels : {1, 5, 64}) {
    const PoolingKernelOptions whole{
        .channels = channels, .window = {window_axis(9, 9, 1, 1, false), window_axis(8, 8, 1, 1, false)}, .grain = 3};
    const trial::KernelRunInput given = given_for(whole, 2);
    const auto kernel = make_global_average_pooling_kernel({9, 8, channels}, {channels}, 3);
    const trial::KernelRun run = trial::run_kernel(*kernel, 3, 2, given);
    trial::expect_close(reference::average_pool(whole.window, channels, 2, given.input), run.output, 1e-6, "mean");
    trial::expect_close(reference::average_pool_gradient(whole.window, channels, 2, given.output_gradient),
                        run.input_gradient, 1e-6, "gradient");
  }
  EXPECT_EQ(make_global_average_pooling_kernel({9, 8, 4}, {1, 1, 4}, 1)->outputs()[0].shape, (Shape{1, 1, 4}));
}

}  // namespace
}  // namespace batchwise
