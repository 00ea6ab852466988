// Convolution as seven nested loops.
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
  const auto& [height, width] = c.window;
  const int64_t inputs = c.channels / c.groups, outputs = c.filters / c.groups;
  for (int64_t n = 0; n < images; ++n)
    for (int64_t oh = 0; oh < height.output; ++oh)
      for (int64_t ow = 0; ow < width.output; ++ow)
        for (int64_t f = 0; f < c.filters; ++f)
          for (int64_t kh = 0; kh < height.window; ++kh)
            for (int64_t kw = 0; kw < width.window; ++kw) {
              const int64_t h = oh * height.stride - height.before + kh * height.dilation;
              const int64_t w = ow * width.stride - width.before + kw * width.dilation;
              if (h < 0 || h >= height.input || w < 0 || w >= width.input) continue;
              for (int64_t i = 0; i < inputs; ++i)
                body(Places{((n * height.input + h) * width.input + w) * c.channels + f / outputs * inputs + i,
                            ((kh * width.window + kw) * inputs + i) * c.filters + f,
                            ((n * height.output + oh) * width.output + ow) * c.filters + f, f});
            }
}

std::vector<float> rounded(const std::vector<double>& values) { return {values.begin(), values.end()}; }

}  // namespace

std::vector<float> convolve(const Convolution& c, int64_t images, const std::vector<float>& input,
                            const std::vector<float>& kernel, const std::vector<float>& bias) {
  const int64_t positions = images * c.window.height.output * c.window.width.output;
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
