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
  }
  std::string_view kind() const override { return "concatenate"; }
  std::vector<TensorType> outputs() const override { return {type_}; }
  KernelNeeds needs() const override { return {.backward_inputs = false}; }
  KernelCost cost() const override { return {.bytes = 8.0 * static_cast<double>(outer_ * whole_)}; }

  void forward(const ForwardCall& call) const override {
    float* to = static_cast<float*>(call.outputs[0]);
    for (size_t i = 0; i < runs_.size(); to += runs_[i], ++i)
      for (int64_t o = 0; o < outer_; ++o)
        copy(static_cast<const float*>(call.inputs[i]) + o * runs_[i], to + o * whole_, runs_[i]);
  }
  void backward(const BackwardCall& call) const override {
    const float* from = static_cast<const float*>(call.output_gradients[0]);
    for (size_t i = 0; i < runs_.size(); from += runs_[i], ++i)
      for (int64_t o = 0; call.input_gradients[i] && o < outer_; ++o)
        copy(from + o * whole_, static_cast<float*>(call.input_gradients[i]) + o * runs_[i], runs_[i]);
  }

 private:
  static void copy(const float* from, float* to, int64_t count) {
    std::memcpy(to, from, static_cast<size_t>(count) * sizeof(float));
  }

  TensorType type_;
  int64_t outer_, whole_ = 0;
  std::vector<int64_t> runs_;
};

}  // namespace

std::unique_ptr<Kernel> make_concatenate_kernel(const std::vector<TensorType>& types, int axis, int64_t grain) {
  return std::make_unique<ConcatenateKernel>(types, axis, grain);
}

}  // namespace batchwise
