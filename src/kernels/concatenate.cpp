// Tensors one after another along an axis: of each part, whole runs are copied.
#include "kernels/concatenate.h"

#include <cstring>

namespace batchwise {
namespace {

class ConcatenateKernel final : public Kernel {
 public:
  ConcatenateKernel(const std::vector<TensorType>& types, int axis, int64_t grain) : type_(types[0]), outer_(grain) {
    const int rank = type_.shape.rank();
    type_.shape[axis] = 0;
    for (const TensorType& type : types) type_.shape[axis] += type.shape[axis];
    // The order of dimensions in memory: (C/block, H, W, block) when blocked, so that the channels' axis comes first.
    const bool channels = axis == rank - 1;
    if (type_.channel_block && !channels)
      outer_ *= type_.stored_count() / (type_.shape.count() / type_.shape.back()) / type_.channel_block;
    if (!type_.channel_block || !channels)
      for (int a = 0; a < axis; ++a) outer_ *= type_.shape[a];
    for (const TensorType& type : types) runs_.push_back(grain * type.stored_count() / outer_);
    for (int64_t run : runs_) whole_ += run;
    element_ = size_of(type_.dtype);
  }
  std::string_view kind() const override { return "concatenate"; }
  std::vector<TensorType> outputs() const override { return {type_}; }
  KernelNeeds needs() const override { return {.backward_inputs = false}; }
  KernelCost cost() const override { return {.bytes = 8.0 * static_cast<double>(outer_ * whole_)}; }

  void forward(const ForwardCall& call) const override {
    auto* to = static_cast<std::byte*>(call.outputs[0]);
    for (size_t i = 0; i < runs_.size(); to += runs_[i] * element_, ++i)
      for (int64_t o = 0; o < outer_; ++o)
        copy(static_cast<const std::byte*>(call.inputs[i]) + o * runs_[i] * element_, to + o * whole_ * element_, i);
  }
  void backward(const BackwardCall& call) const override {
    const auto* from = static_cast<const std::byte*>(call.output_gradients[0]);
    for (size_t i = 0; i < runs_.size(); from += runs_[i] * element_, ++i)
      for (int64_t o = 0; call.input_gradients[i] && o < outer_; ++o)
        copy(from + o * whole_ * element_, static_cast<std::byte*>(call.input_gradients[i]) + o * runs_[i] * element_,
             i);
  }

 private:
  void copy(const std::byte* from, std::byte* to, size_t part) const {
    std::memcpy(to, from, static_cast<size_t>(runs_[part] * element_));
  }

  TensorType type_;
  int64_t outer_, whole_ = 0, element_ = 4;
  std::vector<int64_t> runs_;
};

}  // namespace

std::unique_ptr<Kernel> make_concatenate_kernel(const std::vector<TensorType>& types, int axis, int64_t grain) {
  return std::make_unique<ConcatenateKernel>(types, axis, grain);
}

}  // namespace batchwise
