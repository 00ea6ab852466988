// The passes of window pooling over one image, vectors of channels at a time. Nothing here allocates.
#pragma once

#include <cstdint>

#include "kernels/window.h"

namespace batchwise {

// Index: uint8_t or uint16_t, wide enough for the window's positions. `winners` (H', W', C): which position of the
// window won.
template <class Index>
void max_pool_forward(const Window& window, int64_t channels, const float* input, float* output, Index* winners);
template <class Index>
void max_pool_backward(const Window& window, int64_t channels, const float* output_gradient, const Index* winners,
                       float* input_gradient);

void average_pool_forward(const Window& window, int64_t channels, const float* input, float* output);
void average_pool_backward(const Window& window, int64_t channels, const float* output_gradient, float* input_gradient);

}  // namespace batchwise
