// Values between and beyond the given positions: each output a weighted sum of inputs along every axis.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include <batchwise/kernel.h>

namespace batchwise {

// Along one axis: output o is the sum over k of weights[o * taps + k] * input[positions[o * taps + k]].
struct ResamplingAxis {
  int64_t inputs = 1, outputs = 1, taps = 1;
  std::vector<int64_t> positions = {0};
  std::vector<float> weights = {1};
};

// Half-pixel centres and no smoothing, as tf.image.resize has it. method: "nearest", "bilinear", "bicubic", "lanczos3"
// or "lanczos5"; others throw.
ResamplingAxis resampling_axis(std::string_view method, int64_t inputs, int64_t outputs);

// type: plain (positions ..., C), an axis for each but the last, three at most.
std::unique_ptr<Kernel> make_resampling_kernel(const std::vector<ResamplingAxis>& axes, const TensorType& type,
                                               int64_t grain);

}  // namespace batchwise
