// Pooling by lists of the positions that each output sees.
#include "kernels/reference/pooling.h"

#include <cstddef>

namespace batchwise::reference {
namespace {

// Calls body(index of an output, indices of the inputs it sees).
template <class Body>
void for_outputs(const Window& window, int64_t channels, int64_t images, const Body& body) {
  const WindowAxis &depth = window.depth, &height = window.height, &width = window.width;
  const auto inside = [](const WindowAxis& axis, int64_t at) { return at >= 0 && at < axis.input; };
  int64_t output = 0;
  for (int64_t n = 0; n < images; ++n)
    for (int64_t o = 0; o < window.outputs(); ++o)
      for (int64_t c = 0; c < channels; ++c, ++output) {
        std::vector<int64_t> inputs;
        for (int64_t t = 0; t < window.taps(); ++t) {
          const int64_t w = o % width.output * width.stride - width.before + t % width.window;
          const int64_t h =
              o / width.output % height.output * height.stride - height.before + t / width.window % height.window;
          const int64_t d =
              o / (width.output * height.output) * depth.stride - depth.before + t / (width.window * height.window);
          if (inside(depth, d) && inside(height, h) && inside(width, w))
            inputs.push_back((((n * depth.input + d) * height.input + h) * width.input + w) * channels + c);
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

std::size_t outputs_of(const Window& w, int64_t channels, int64_t images) {
  return static_cast<std::size_t>(images * w.outputs() * channels);
}
std::size_t inputs_of(const Window& w, int64_t channels, int64_t images) {
  return static_cast<std::size_t>(images * w.inputs() * channels);
}

}  // namespace

std::vector<float> max_pool(const Window& window, int64_t channels, int64_t images, const std::vector<float>& input) {
  std::vector<float> output(outputs_of(window, channels, images));
  for_outputs(window, channels, images,
              [&](int64_t o, const auto& inputs) { output[o] = input[winner(inputs, input)]; });
  return output;
}

std::vector<float> max_pool_gradient(const Window& window, int64_t channels, int64_t images,
                                     const std::vector<float>& input, const std::vector<float>& output_gradient) {
  std::vector<float> gradient(input.size(), 0.0f);
  for_outputs(window, channels, images,
              [&](int64_t o, const auto& inputs) { gradient[winner(inputs, input)] += output_gradient[o]; });
  return gradient;
}

std::vector<float> average_pool(const Window& window, int64_t channels, int64_t images,
                                const std::vector<float>& input) {
  std::vector<float> output(outputs_of(window, channels, images));
  for_outputs(window, channels, images, [&](int64_t o, const auto& inputs) {
    double sum = 0;
    for (int64_t i : inputs) sum += input[i];
    output[o] = static_cast<float>(sum / static_cast<double>(inputs.size()));
  });
  return output;
}

std::vector<float> average_pool_gradient(const Window& window, int64_t channels, int64_t images,
                                         const std::vector<float>& output_gradient) {
  std::vector<float> gradient(inputs_of(window, channels, images), 0.0f);
  for_outputs(window, channels, images, [&](int64_t o, const auto& inputs) {
    for (int64_t i : inputs) gradient[i] += output_gradient[o] / static_cast<float>(inputs.size());
  });
  return gradient;
}

}  // namespace batchwise::reference
