// Merging of directions, elementwise.
#include "kernels/recurrent/merge.h"

namespace batchwise {
namespace {

class MergeKernel final : public Kernel {
 public:
  MergeKernel(DirectionMerge merge, const TensorType& type, int64_t grain)
      : product_(merge == DirectionMerge::Product), type_(type), count_(grain * type.stored_count()) {}
  std::string_view kind() const override { return product_ ? "multiply" : "average"; }
  std::vector<TensorType> outputs() const override { return {type_}; }
  KernelNeeds needs() const override { return {.backward_inputs = product_}; }
  KernelCost cost() const override { return {.flops = static_cast<double>(count_), .bytes = 12.0 * count_}; }
  void forward(const ForwardCall& call) const override {
    const float *a = static_cast<const float*>(call.inputs[0]), *b = static_cast<const float*>(call.inputs[1]);
    float* y = static_cast<float*>(call.outputs[0]);
    if (product_)
      for (int64_t i = 0; i < count_; ++i) y[i] = a[i] * b[i];
    else
      for (int64_t i = 0; i < count_; ++i) y[i] = (a[i] + b[i]) / 2;
  }
  void backward(const BackwardCall& call) const override {
    const float* dy = static_cast<const float*>(call.output_gradients[0]);
    for (size_t side = 0; side < 2; ++side) {
      float* dx = static_cast<float*>(call.input_gradients[side]);
      const float* other = product_ ? static_cast<const float*>(call.inputs[1 - side]) : nullptr;
      for (int64_t i = 0; dx && i < count_; ++i) dx[i] = other ? dy[i] * other[i] : dy[i] / 2;
    }
  }

 private:
  bool product_;
  TensorType type_;
  int64_t count_;
};

}  // namespace

std::unique_ptr<Kernel> make_direction_merge_kernel(DirectionMerge merge, const TensorType& type, int64_t grain) {
  return std::make_unique<MergeKernel>(merge, type, grain);
}

}  // namespace batchwise
