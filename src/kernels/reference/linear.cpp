// Convolution as nested loops.
#include "kernels/reference/linear.h"

#include <cstddef>

namespace batchwise::reference {
namespace {

struct Places {
  int64_t input, kernel, output, filter;
};

// Calls body for every product that a convolution sums.
template <class Body>
void for_products(const Convolution& c, int64_t images, const Body& body) {
  const WindowAxis &depth = c.window.depth, &height = c.window.height, &width = c.window.width;
  const int64_t inputs = c.channels / c.groups, outputs = c.filters / c.groups;
  const auto inside = [](const WindowAxis& axis, int64_t at) { return at >= 0 && at < axis.input; };
  for (int64_t n = 0; n < images; ++n)
    for (int64_t o = 0; o < c.window.outputs(); ++o)
      for (int64_t t = 0; t < c.window.taps(); ++t) {
        const int64_t ow = o % width.output, oh = o / width.output % height.output,
                      od = o / (width.output * height.output);
        const int64_t kw = t % width.window, kh = t / width.window % height.window,
                      kd = t / (width.window * height.window);
        const int64_t d = od * depth.stride - depth.before + kd * depth.dilation;
        const int64_t h = oh * height.stride - height.before + kh * height.dilation;
        const int64_t w = ow * width.stride - width.before + kw * width.dilation;
        if (!inside(depth, d) || !inside(height, h) || !inside(width, w)) continue;
        const int64_t from = ((n * depth.input + d) * height.input + h) * width.input + w;
        for (int64_t f = 0; f < c.filters; ++f)
          for (int64_t i = 0; i < inputs; ++i)
            body(Places{from * c.channels + f / outputs * inputs + i, (t * inputs + i) * c.filters + f,
                        (n * c.window.outputs() + o) * c.filters + f, f});
      }
}

std::vector<float> rounded(const std::vector<double>& values) { return {values.begin(), values.end()}; }

}  // namespace

std::vector<float> convolve(const Convolution& c, int64_t images, const std::vector<float>& input,
                            const std::vector<float>& kernel, const std::vector<float>& bias) {
  const int64_t positions = images * c.window.outputs();
  std::vector<double> output(static_cast<std::size_t>(positions * c.filters), 0.0);
  for (std::size_t i = 0; !bias.empty() && i < output.size(); ++i) output[i] = bias[i % bias.size()];
  for_products(c, images, [&](const Places& at) {
    output[at.output] += static_cast<double>(input[at.input]) * kernel[at.kernel];
  });
  return rounded(output);
}

Gradients convolution_gradients(const Convolution& c, int64_t images, const std::vector<float>& input,
                                const std::vector<float>& kernel, const std::vector<float>& output_gradient) {
  std::vector<double> to_input(input.size(), 0.0), to_kernel(kernel.size(), 0.0),
      to_bias(static_cast<std::size_t>(c.filters), 0.0);
  for_products(c, images, [&](const Places& at) {
    to_input[at.input] += static_cast<double>(output_gradient[at.output]) * kernel[at.kernel];
    to_kernel[at.kernel] += static_cast<double>(output_gradient[at.output]) * input[at.input];
  });
  for (std::size_t i = 0; i < output_gradient.size(); ++i) to_bias[i % to_bias.size()] += output_gradient[i];
  return {rounded(to_input), rounded(to_kernel), rounded(to_bias)};
}

}  // namespace batchwise::reference
