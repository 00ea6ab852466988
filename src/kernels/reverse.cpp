// Reversal along the first axis: the backward pass is the same.
#include "kernels/reverse.h"

#include <cstring>

namespace batchwise {
namespace {

class ReverseKernel final : public Kernel {
 public:
  ReverseKernel(const TensorType& type, int64_t grain) : type_(type), grain_(grain) {}
  std::string_view kind() const override { return "reverse"; }
  std::vector<TensorType> outputs() const override { return {type_}; }
  KernelNeeds needs() const override { return {.backward_inputs = false}; }
  KernelCost cost() const override { return {.bytes = 2 * static_cast<double>(type_.bytes(grain_))}; }
  void forward(const ForwardCall& call) const override { reverse(call.inputs[0], call.outputs[0]); }
  void backward(const BackwardCall& call) const override {
    if (call.input_gradients[0]) reverse(call.output_gradients[0], call.input_gradients[0]);
  }

 private:
  void reverse(const void* from, void* to) const {
    const int64_t steps = type_.shape[0], bytes = steps ? type_.bytes(1) / steps : 0;
    for (int64_t row = 0; row < grain_; ++row)
      for (int64_t step = 0; step < steps; ++step)
        std::memcpy(static_cast<std::byte*>(to) + (row * steps + step) * bytes,
                    static_cast<const std::byte*>(from) + (row * steps + steps - 1 - step) * bytes,
                    static_cast<size_t>(bytes));
  }
  TensorType type_;
  int64_t grain_;
};

}  // namespace

std::unique_ptr<Kernel> make_reverse_kernel(const TensorType& type, int64_t grain) {
  return std::make_unique<ReverseKernel>(type, grain);
}

}  // namespace batchwise
