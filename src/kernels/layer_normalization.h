// Layer normalisation: every sample over axes of its own.
#pragma once

#include <memory>

#include <batchwise/kernel.h>

namespace batchwise {

struct LayerNormalizationSettings {
  int first_axis = 0, last_axis = 0;  // neighbours, of the shape of one sample
  double epsilon = 1e-3;
  bool center = true;
  bool scale = true;
  bool rms = false;         // Keras's rms_scaling: divided by the deviation, the mean left in
  bool about_zero = false;  // RMS normalisation: divided by the root of the mean square
  bool to_unit = false;     // about_zero, then to length 1 instead of sqrt(elements)
};

// Weights: gamma (when scale), beta (when center). REQUIRES: type.channel_block 0.
std::unique_ptr<Kernel> make_layer_normalization_kernel(const LayerNormalizationSettings& settings,
                                                        const TensorType& type, int64_t grain);

}  // namespace batchwise
