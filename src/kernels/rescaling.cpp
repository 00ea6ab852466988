// x * scale + offset: the numbers are laid out once, as the channels repeat in memory.
#include "kernels/rescaling.h"

#include "kernels/channel_layout.h"

namespace batchwise {
namespace {

class RescalingKernel final : public Kernel {
 public:
  RescalingKernel(const std::vector<float>& scale, const std::vector<float>& offset, const TensorType& type,
                  int64_t grain)
      : from_(type), to_(type), grain_(grain), layout_(rows_of(type), rows_of(type).shape.rank() - 1) {
    to_.dtype = DType::Float32;
    for (std::vector<float>* values : {&zero_, &scale_, &offset_})
      values->resize(static_cast<size_t>(layout_.coefficients()));
    layout_.spread(scale_.data(), [&](int64_t c) { return scale[scale.size() == 1 ? 0 : c]; });
    layout_.spread(offset_.data(), [&](int64_t c) { return offset[offset.size() == 1 ? 0 : c]; });
  }
  std::string_view kind() const override { return "rescaling"; }
  std::vector<TensorType> outputs() const override { return {to_}; }
  KernelNeeds needs() const override { return {.backward_inputs = false, .in_place = from_.dtype == DType::Float32}; }
  KernelCost cost() const override {
    const double count = static_cast<double>(grain_ * to_.stored_count());
    return {.flops = 2 * count, .bytes = (4.0 + static_cast<double>(size_of(from_.dtype))) * count};
  }

  void forward(const ForwardCall& call) const override {
    float* y = static_cast<float*>(call.outputs[0]);
    layout_.runs(grain_, [&](int64_t at, int64_t count, int64_t k) {
      if (from_.dtype == DType::UInt8)
        channelwise().apply_bytes(static_cast<const uint8_t*>(call.inputs[0]) + at, y + at, count, scale_.data() + k,
                                  offset_.data() + k, layout_.period());
      else
        channelwise().apply(static_cast<const float*>(call.inputs[0]) + at, y + at, count, zero_.data() + k,
                            scale_.data() + k, offset_.data() + k, layout_.period());
    });
  }
  void backward(const BackwardCall& call) const override {
    const float* dy = static_cast<const float*>(call.output_gradients[0]);
    float* dx = static_cast<float*>(call.input_gradients[0]);
    if (!dx) return;
    layout_.runs(grain_, [&](int64_t at, int64_t count, int64_t k) {
      channelwise().apply(dy + at, dx + at, count, zero_.data() + k, scale_.data() + k, zero_.data() + k,
                          layout_.period());
    });
  }

 private:
  // A sample that is a single number has one channel.
  static TensorType rows_of(TensorType type) {
    if (type.shape.rank() == 0) type.shape = {1};
    return type;
  }
  TensorType from_, to_;
  int64_t grain_;
  ChannelLayout layout_;
  std::vector<float> zero_, scale_, offset_;
};

}  // namespace

std::unique_ptr<Kernel> make_rescaling_kernel(const std::vector<float>& scale, const std::vector<float>& offset,
                                              const TensorType& type, int64_t grain) {
  return std::make_unique<RescalingKernel>(scale, offset, type, grain);
}

}  // namespace batchwise
