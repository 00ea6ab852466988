// Plain loops for dense products and convolutions, in double: what the kernels are tested against.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/window.h"

namespace batchwise::reference {

// Canonical arrays throughout: images (N, H, W, C), kernel (KH, KW, C / groups, F), outputs (N, H', W', F). A dense
// layer is a convolution of images of one position.
struct Convolution {
  Window window;
  int64_t channels = 0, filters = 0, groups = 1;
};

struct Gradients {
  std::vector<float> input, kernel, bias;
};

// Empty bias: none.
std::vector<float> convolve(const Convolution& convolution, int64_t images, const std::vector<float>& input,
                            const std::vector<float>& kernel, const std::vector<float>& bias);
Gradients convolution_gradients(const Convolution& convolution, int64_t images, const std::vector<float>& input,
                                const std::vector<float>& kernel, const std::vector<float>& output_gradient);

}  // namespace batchwise::reference
