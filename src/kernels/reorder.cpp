// Reorders between plain and channel-blocked tensors, sample by sample.
#include "kernels/reorder.h"

#include <algorithm>
#include <cstring>

#include <batchwise/error.h>

namespace batchwise {
namespace {

// One sample from one layout into another. Padding of the target is written as zeros.
void reorder(const TensorType& from, const float* source, const TensorType& to, float* target) {
  const int64_t channels = from.shape.back(), positions = channels == 0 ? 0 : from.shape.count() / channels;
  // Plain is one block of all channels.
  const int64_t from_block = from.channel_block ? from.channel_block : channels;
  const int64_t to_block = to.channel_block ? to.channel_block : channels;
  const int64_t step = std::min(from_block, to_block);
  if (to.stored_count() != to.shape.count()) std::memset(target, 0, static_cast<size_t>(to.bytes(1)));
  for (int64_t first = 0; first < channels; first += step) {
    const int64_t count = std::min(step, channels - first);
    const float* in = source + first / from_block * positions * from_block + first % from_block;
    float* out = target + first / to_block * positions * to_block + first % to_block;
    for (int64_t p = 0; p < positions; ++p, in += from_block, out += to_block)
      std::memcpy(out, in, static_cast<size_t>(count) * sizeof(float));
  }
}

class ReorderKernel : public Kernel {
 public:
  ReorderKernel(const TensorType& from, int channel_block, int64_t grain) : from_(from), to_(from), grain_(grain) {
    to_.channel_block = channel_block;
  }
  std::string_view kind() const override { return "reorder"; }
  std::vector<TensorType> outputs() const override { return {to_}; }
  KernelNeeds needs() const override { return {.backward_inputs = false}; }
  KernelCost cost() const override { return {.bytes = static_cast<double>(from_.bytes(grain_) + to_.bytes(grain_))}; }

  void forward(const ForwardCall& call) const override {
    for (int64_t n = 0; n < grain_; ++n)
      reorder(from_, static_cast<const float*>(call.inputs[0]) + n * from_.stored_count(), to_,
              static_cast<float*>(call.outputs[0]) + n * to_.stored_count());
  }
  void backward(const BackwardCall& call) const override {
    if (!call.input_gradients[0]) return;
    for (int64_t n = 0; n < grain_; ++n)
      reorder(to_, static_cast<const float*>(call.output_gradients[0]) + n * to_.stored_count(), from_,
              static_cast<float*>(call.input_gradients[0]) + n * from_.stored_count());
  }

 private:
  TensorType from_, to_;
  int64_t grain_;
};

}  // namespace

std::unique_ptr<Kernel> make_reorder_kernel(const TensorType& from, int channel_block, int64_t grain) {
  require(from.dtype == DType::Float32 && from.shape.rank() >= 1, "reorder",
          "the tensor must be float32 with channels. Got ", from.shape, " of ", from.dtype, ".");
  const auto known = [](int block) { return block == 0 || block == 8 || block == 16; };
  require(known(channel_block) && known(from.channel_block), "reorder", "the channel block must be 0, 8 or 16. Got ",
          from.channel_block, " to ", channel_block, ".");
  return std::make_unique<ReorderKernel>(from, channel_block, grain);
}

}  // namespace batchwise
