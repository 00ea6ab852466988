// Sizes of tensors in memory.
#include <batchwise/kernel.h>

namespace batchwise {

int64_t TensorType::stored_count() const {
  const int64_t count = shape.count();
  if (channel_block == 0 || shape.rank() == 0 || shape.back() == 0) return count;
  const int64_t channels = shape.back();
  return count / channels * ((channels + channel_block - 1) / channel_block * channel_block);
}

}  // namespace batchwise
