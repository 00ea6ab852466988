// Dropout: nothing is stored, the backward pass draws the same numbers again.
#include "kernels/dropout.h"

#include <cmath>

#include "base/random.h"
#include "kernels/simd/dropout.h"

namespace batchwise {
namespace {

class DropoutKernel final : public Kernel {
 public:
  DropoutKernel(double rate, uint64_t key, const TensorType& type, int64_t grain)
      : threshold_(static_cast<uint32_t>(std::ceil(rate * 0x1p24))),
        scale_(rate < 1 ? static_cast<float>(1 / (1 - rate)) : 0.0f),
        key_(key),
        type_(type),
        grain_(grain) {}
  std::string_view kind() const override { return "dropout"; }
  std::vector<TensorType> outputs() const override { return {type_}; }
  KernelNeeds needs() const override { return {.backward_inputs = false, .in_place = true}; }
  KernelCost cost() const override {
    const double count = static_cast<double>(grain_ * type_.stored_count());
    return {.flops = 20 * count, .bytes = 8 * count};
  }
  void forward(const ForwardCall& call) const override { drop(call.address, call.inputs[0], call.outputs[0]); }
  void backward(const BackwardCall& call) const override {
    if (call.input_gradients[0]) drop(call.address, call.output_gradients[0], call.input_gradients[0]);
  }

 private:
  void drop(const SampleAddress& address, const void* from, void* to) const {
    const int64_t count = type_.stored_count();
    for (int64_t row = 0; row < grain_; ++row)
      drop_elements(static_cast<const float*>(from) + row * count, static_cast<float*>(to) + row * count, count,
                    mix(address.seed, key_), address.first_sample + static_cast<uint64_t>(row), threshold_, scale_);
  }

  uint32_t threshold_;
  float scale_;
  uint64_t key_;
  TensorType type_;
  int64_t grain_;
};

}  // namespace

std::unique_ptr<Kernel> make_dropout_kernel(double rate, uint64_t key, const TensorType& type, int64_t grain) {
  return std::make_unique<DropoutKernel>(rate, key, type, grain);
}

}  // namespace batchwise
