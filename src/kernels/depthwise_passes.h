// The passes of a depthwise convolution over one image, vectors of channels at a time. Nothing here allocates.
#pragma once

#include <cstdint>

#include "kernels/window.h"

namespace batchwise {

// input (H, W, C), weights (KH, KW, C), bias (C) or null, output (H', W', C).
void depthwise_forward(const Window& window, int64_t channels, const float* input, const float* weights,
                       const float* bias, float* output);
// Writes the whole input gradient.
void depthwise_backward(const Window& window, int64_t channels, const float* output_gradient, const float* weights,
                        float* input_gradient);
// Adds to the weights' gradient (KH, KW, C): sums over each row of outputs first, then over the rows in order.
void depthwise_weight_gradient(const Window& window, int64_t channels, const float* input, const float* output_gradient,
                               float* weight_gradient);

}  // namespace batchwise
