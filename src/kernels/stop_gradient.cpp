// Forward a copy, or nothing where the memory is shared; backward zeros.
#include "kernels/stop_gradient.h"

#include <cstring>

namespace batchwise {
namespace {

class StopGradientKernel final : public Kernel {
 public:
  StopGradientKernel(const TensorType& type, int64_t grain)
      : type_(type), bytes_(static_cast<size_t>(type.bytes(grain))) {}
  std::string_view kind() const override { return "stop_gradient"; }
  std::vector<TensorType> outputs() const override { return {type_}; }
  KernelNeeds needs() const override { return {.backward_inputs = false, .in_place = true}; }
  KernelCost cost() const override { return {.bytes = 2.0 * static_cast<double>(bytes_)}; }
  void forward(const ForwardCall& call) const override {
    if (call.outputs[0] != call.inputs[0]) std::memcpy(call.outputs[0], call.inputs[0], bytes_);
  }
  void backward(const BackwardCall& call) const override {
    if (call.input_gradients[0]) std::memset(call.input_gradients[0], 0, bytes_);
  }

 private:
  TensorType type_;
  size_t bytes_;
};

}  // namespace

std::unique_ptr<Kernel> make_stop_gradient_kernel(const TensorType& type, int64_t grain) {
  return std::make_unique<StopGradientKernel>(type, grain);
}

}  // namespace batchwise
