// Which kernel normalises: by statistics of the batch, of a declared number of samples, or as moved along.
#include "kernels/batch_normalization.h"

#include "kernels/batch_normalization_kernel.h"

namespace batchwise {

std::unique_ptr<Kernel> make_batch_normalization_kernel(const BatchNormalizationSettings& options,
                                                        const TensorType& type, int64_t grain) {
  const auto make = options.moving      ? &make_moving_normalization
                    : options.ghost > 0 ? &make_ghost_normalization
                                        : &make_exact_normalization;
  return make(options, type, grain, std::nullopt);
}

}  // namespace batchwise
