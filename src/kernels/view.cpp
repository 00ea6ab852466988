// The same bytes under another shape: a copy, or nothing at all where memory is shared.
#include "kernels/view.h"

#include <cstring>

namespace batchwise {
namespace {

class ViewKernel final : public Kernel {
 public:
  ViewKernel(const TensorType& type, const Shape& shape, int64_t grain)
      : to_(type), bytes_(static_cast<size_t>(type.bytes(grain))) {
    to_.shape = shape;
  }
  std::string_view kind() const override { return "view"; }
  std::vector<TensorType> outputs() const override { return {to_}; }
  KernelNeeds needs() const override { return {.backward_inputs = false, .in_place = true}; }
  KernelCost cost() const override { return {.bytes = 2.0 * static_cast<double>(bytes_)}; }
  void forward(const ForwardCall& call) const override { move(call.inputs[0], call.outputs[0]); }
  void backward(const BackwardCall& call) const override {
    if (call.input_gradients[0]) move(call.output_gradients[0], call.input_gradients[0]);
  }

 private:
  void move(const void* from, void* to) const {
    if (from != to) std::memcpy(to, from, bytes_);
  }
  TensorType to_;
  size_t bytes_;
};

}  // namespace

std::unique_ptr<Kernel> make_view_kernel(const TensorType& type, const Shape& shape, int64_t grain) {
  return std::make_unique<ViewKernel>(type, shape, grain);
}

}  // namespace batchwise
