// Batch normalisation with statistics of the whole batch, of a declared number of samples, or as moved along.
#pragma once

#include <memory>

#include <batchwise/kernel.h>

namespace batchwise {

struct BatchNormalizationSettings {
  int axis = -1;  // of the shape of one sample
  double momentum = 0.99;
  double epsilon = 1e-3;
  bool center = true;
  bool scale = true;
  int64_t ghost = 0;    // 0: statistics of the whole batch; n: of each n consecutive samples
  bool moving = false;  // use the moving statistics: inference, or a frozen layer
  bool input_gradient = true;
  bool learns = true;  // somebody wants the gradients of gamma and beta
};

// Weights: gamma (when scale), beta (when center), moving_mean, moving_variance; canonical.
// REQUIRES: type.channel_block is 0 or the axis is the last; grain is a multiple of ghost.
std::unique_ptr<Kernel> make_batch_normalization_kernel(const BatchNormalizationSettings& options,
                                                        const TensorType& type, int64_t grain);

// Inputs: the tensor and its mask, of dtype bool. The same weights. REQUIRES: plain, the axis is the last, the
// statistics are of the whole batch (not ghost, not moving).
std::unique_ptr<Kernel> make_masked_batch_normalization_kernel(const BatchNormalizationSettings& options,
                                                               const TensorType& type, const TensorType& mask,
                                                               int64_t grain);

}  // namespace batchwise
