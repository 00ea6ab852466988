// A bias over some of the axes of a tensor.
#include <algorithm>
#include <vector>

#include "kernels/contraction.h"
#include "kernels/simd/binary_table.h"

namespace batchwise {
namespace {

class AxesBiasKernel final : public Kernel {
 public:
  AxesBiasKernel(const TensorType& type, const std::string& letters, const std::string& bias_letters, int64_t grain)
      : type_(type), grain_(grain) {
    const int rank = type.shape.rank();
    std::vector<int64_t> steps(letters.size(), 0);
    for (size_t k = bias_letters.size(); k-- > 0;) {
      const size_t axis = letters.find(bias_letters[k]);
      steps[axis] = count_;
      count_ *= type.shape[static_cast<int>(axis)];
    }
    for (int axis = rank - 1; axis >= 0 && steps[static_cast<size_t>(axis)] == run_; --axis) run_ *= type.shape[axis];
    std::vector<int64_t> at(letters.size(), 0);
    for (int64_t i = 0, place = 0; i < type.shape.count(); ++i) {
      if (i % run_ == 0) places_.push_back(place);
      for (int axis = rank - 1; axis >= 0; --axis) {
        const size_t k = static_cast<size_t>(axis);
        place += steps[k];
        if (++at[k] < type.shape[axis]) break;
        place -= at[k] * steps[k];
        at[k] = 0;
      }
    }
  }
  std::string_view kind() const override { return "bias"; }
  std::vector<TensorType> outputs() const override { return {type_}; }
  KernelNeeds needs() const override { return {.backward_inputs = false, .in_place = true}; }
  KernelCost cost() const override {
    const double count = static_cast<double>(grain_ * type_.shape.count());
    return {.flops = count, .bytes = 8 * count};
  }
  bool backward_reads_weight(int) const override { return false; }

  void forward(const ForwardCall& call) const override {
    const float* x = static_cast<const float*>(call.inputs[0]);
    float* y = static_cast<float*>(call.outputs[0]);
    for (int64_t row = 0; row < grain_; ++row)
      for (const int64_t place : places_) {
        add_.forward({x}, {call.weights[0] + place}, y, run_);
        x += run_;
        y += run_;
      }
  }
  void backward(const BackwardCall& call) const override {
    const float* dy = static_cast<const float*>(call.output_gradients[0]);
    if (float* db = call.weight_gradients[0]) {
      std::fill_n(db, count_, 0.0f);
      const float* from = dy;
      for (int64_t row = 0; row < call.rows; ++row)
        for (const int64_t place : places_) {
          add_.forward({db + place}, {from}, db + place, run_);
          from += run_;
        }
    }
    if (float* dx = static_cast<float*>(call.input_gradients[0]); dx && dx != dy)
      std::copy_n(dy, grain_ * type_.shape.count(), dx);
  }

 private:
  const BinaryEntry& add_ = *find_binary_entry("add");
  TensorType type_;
  int64_t grain_, count_ = 1, run_ = 1;
  std::vector<int64_t> places_;  // where each run of a sample has its bias
};

}  // namespace

std::unique_ptr<Kernel> make_axes_bias_kernel(const TensorType& type, const std::string& letters,
                                              const std::string& bias_letters, int64_t grain) {
  return std::make_unique<AxesBiasKernel>(type, letters, bias_letters, grain);
}

}  // namespace batchwise
