// Pooling by lists of the positions that each output sees.
#include "kernels/reference/pooling.h"

#include <cstddef>

namespace batchwise::reference {
namespace {

// Calls body(index of an output, indices of the inputs it sees).
template <class Body>
void for_outputs(const Window2D& window, int64_t channels, int64_t images, const Body& body) {
  const auto& [height, width] = window;
  int64_t output = 0;
  for (int64_t n = 0; n < images; ++n)
    for (int64_t oh = 0; oh < height.output; ++oh)
      for (int64_t ow = 0; ow < width.output; ++ow)
        for (int64_t c = 0; c < channels; ++c, ++output) {
          std::vector<int64_t> inputs;
          for (int64_t kh = 0; kh < height.window; ++kh)
            for (int64_t kw = 0; kw < width.window; ++kw) {
              const int64_t h = oh * height.stride - height.before + kh, w = ow * width.stride - width.before + kw;
              if (h >= 0 && h < height.input && w >= 0 && w < width.input)
                inputs.push_back(((n * height.input + h) * width.input + w) * channels + c);
            }
          body(output, inputs);
        }
}

int64_t winner(const std::vector<int64_t>& inputs, const std::vector<float>& values) {
  int64_t best = inputs.front();
  for (int64_t i : inputs)
    if (values[i] > values[best]) best = i;
  return best;
}

std::size_t outputs_of(const Window2D& w, int64_t channels, int64_t images) {
  return static_cast<std::size_t>(images * w.height.output * w.width.output * channels);
}
std::size_t inputs_of(const Window2D& w, int64_t channels, int64_t images) {
  return static_cast<std::size_t>(images * w.height.input * w.width.input * channels);
}

}  // namespace

std::vector<float> max_pool(const Window2D& window, int64_t channels, int64_t images, const std::vector<float>& input) {
  std::vector<float> output(outputs_of(window, channels, images));
  for_outputs(window, channels, images,
              [&](int64_t o, const auto& inputs) { output[o] = input[winner(inputs, input)]; });
  return output;
}

std::vector<float> max_pool_gradient(const Window2D& window, int64_t channels, int64_t images,
                                     const std::vector<float>& input, const std::vector<float>& output_gradient) {
  std::vector<float> gradient(input.size(), 0.0f);
  for_outputs(window, channels, images,
              [&](int64_t o, const auto& inputs) { gradient[winner(inputs, input)] += output_gradient[o]; });
  return gradient;
}

std::vector<float> average_pool(const Window2D& window, int64_t channels, int64_t images,
                                const std::vector<float>& input) {
  std::vector<float> output(outputs_of(window, channels, images));
  for_outputs(window, channels, images, [&](int64_t o, const auto& inputs) {
    double sum = 0;
    for (int64_t i : inputs) sum += input[i];
    output[o] = static_cast<float>(sum / static_cast<double>(inputs.size()));
  });
  return output;
}

std::vector<float> average_pool_gradient(const Window2D& window, int64_t channels, int64_t images,
                                         const std::vector<float>& output_gradient) {
  std::vector<float> gradient(inputs_of(window, channels, images), 0.0f);
  for_outputs(window, channels, images, [&](int64_t o, const auto& inputs) {
    for (int64_t i : inputs) gradient[i] += output_gradient[o] / static_cast<float>(inputs.size());
  });
  return gradient;
}

}  // namespace batchwise::reference
