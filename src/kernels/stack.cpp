// Steps taken apart and put together: the backward pass of one is the forward pass of the other.
#include "kernels/stack.h"

#include <cstring>
#include <span>

namespace batchwise {
namespace {

struct Steps {
  TensorType step;
  int64_t steps, grain;

  TensorType whole() const { return {step.shape.with_batch(steps), step.dtype, 0}; }
  std::byte* place(void* whole, int64_t row, int64_t at) const {
    return static_cast<std::byte*>(whole) + (row * steps + at) * step.bytes(1);
  }
  // Parts may be null: one as a source stands for zeros, one as a target is left out.
  void apart(const void* from, std::span<void* const> parts) const {
    const int64_t bytes = step.bytes(1);
    for (int64_t at = 0; at < steps; ++at)
      if (auto* to = static_cast<std::byte*>(parts[static_cast<size_t>(at)]))
        for (int64_t row = 0; row < grain; ++row)
          std::memcpy(to + row * bytes, place(const_cast<void*>(from), row, at), static_cast<size_t>(bytes));
  }
  template <class Pointer>
  void together(std::span<const Pointer> parts, void* to) const {
    const int64_t bytes = step.bytes(1);
    for (int64_t at = 0; at < steps; ++at) {
      const auto* from = static_cast<const std::byte*>(parts[static_cast<size_t>(at)]);
      for (int64_t row = 0; row < grain; ++row)
        if (from) std::memcpy(place(to, row, at), from + row * bytes, static_cast<size_t>(bytes));
        else std::memset(place(to, row, at), 0, static_cast<size_t>(bytes));
    }
  }
};

class UnstackKernel final : public Kernel {
 public:
  explicit UnstackKernel(const Steps& steps) : s_(steps) {}
  std::string_view kind() const override { return "unstack"; }
  std::vector<TensorType> outputs() const override {
    return std::vector<TensorType>(static_cast<size_t>(s_.steps), s_.step);
  }
  KernelNeeds needs() const override { return {.backward_inputs = false}; }
  void forward(const ForwardCall& call) const override { s_.apart(call.inputs[0], call.outputs); }
  void backward(const BackwardCall& call) const override {
    if (call.input_gradients[0]) s_.together<void*>(call.output_gradients, call.input_gradients[0]);
  }

 private:
  Steps s_;
};

class StackKernel final : public Kernel {
 public:
  explicit StackKernel(const Steps& steps) : s_(steps) {}
  std::string_view kind() const override { return "stack"; }
  std::vector<TensorType> outputs() const override { return {s_.whole()}; }
  KernelNeeds needs() const override { return {.backward_inputs = false}; }
  void forward(const ForwardCall& call) const override { s_.together<const void*>(call.inputs, call.outputs[0]); }
  void backward(const BackwardCall& call) const override { s_.apart(call.output_gradients[0], call.input_gradients); }

 private:
  Steps s_;
};

}  // namespace

std::unique_ptr<Kernel> make_unstack_kernel(const TensorType& type, int64_t grain) {
  return std::make_unique<UnstackKernel>(Steps{{type.shape.without_batch(), type.dtype, 0}, type.shape[0], grain});
}
std::unique_ptr<Kernel> make_stack_kernel(const TensorType& step, int64_t steps, int64_t grain) {
  return std::make_unique<StackKernel>(Steps{step, steps, grain});
}

}  // namespace batchwise
