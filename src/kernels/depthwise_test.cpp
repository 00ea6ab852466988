// Depthwise kernels against plain loops: a convolution with one group per channel.
#include "kernels/depthwise.h"

#include "kernels/kernel_trial.h"
#include "kernels/reference/linear.h"

namespace batchwise {
namespace {

TEST(DepthwiseKernel, AgreesWithPlainLoops) {
  for (const int64_t channels : {1, 3, 16, 37})
    for (const int64_t multiplier : {1, 2})
      for (const int64_t stride : {1, 2})
        for (const int64_t size : {1, 2, 3, 5, 7})
          for (const bool same : {false, true})
            for (const int64_t dilation : {1, 2}) {
              if (dilation > 1 && stride > 1) continue;
              SCOPED_TRACE(std::to_string(channels) + " channels times " + std::to_string(multiplier) + ", window " +
                           std::to_string(size) + ", stride " + std::to_string(stride) + ", dilation " +
                           std::to_string(dilation) + (same ? ", same" : ", valid"));
              DepthwiseKernelOptions o{.channels = channels, .multiplier = multiplier, .grain = 3};
              o.window.height = window_axis(14, size, stride, dilation, same);
              o.window.width = window_axis(17, size, stride, dilation, same);
              const int64_t rows = 2, filters = channels * multiplier;
              if (o.window.outputs() <= 0) continue;
              trial::KernelRunInput given;
              given.input = trial::random_values(rows * o.window.inputs() * channels, 1);
              given.weights = {trial::random_values(o.window.taps() * filters, 2), trial::random_values(filters, 3)};
              given.output_gradient = trial::random_values(rows * o.window.outputs() * filters, 4);
              const auto kernel = make_depthwise_kernel(o);
              const trial::KernelRun run = trial::run_kernel(*kernel, o.grain, rows, given);
              const reference::Convolution convolution{o.window, channels, filters, channels};
              trial::expect_close(
                  reference::convolve(convolution, rows, given.input, given.weights[0], given.weights[1]), run.output,
                  2e-6, "output");
              const reference::Gradients gradients = reference::convolution_gradients(
                  convolution, rows, given.input, given.weights[0], given.output_gradient);
              trial::expect_close(gradients.input, run.input_gradient, 2e-6, "input gradient");
              trial::expect_close(gradients.kernel, run.weight_gradients[0], 2e-6, "kernel gradient");
              trial::expect_close(gradients.bias, run.weight_gradients[1], 5e-6, "bias gradient");
              if (HasFailure()) return;
            }
}

}  // namespace
}  // namespace batchwise
