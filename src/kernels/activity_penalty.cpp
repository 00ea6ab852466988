// Activity regularisation: a penalty on a layer's output, added to the loss.
#include "kernels/activity_penalty.h"

#include <cmath>
#include <cstring>

namespace batchwise {
namespace {

struct Strengths {
  double l1 = 0, l2 = 0;
};

Strengths strengths_of(const Spec& regularizer, std::string_view where) {
  const std::string& name = regularizer.class_name;
  if (name == "L1" || name == "l1") return {.l1 = regularizer.config.get("l1", 0.01)};
  if (name == "L2" || name == "l2") return {.l2 = regularizer.config.get("l2", 0.01)};
  if (name == "L1L2" || name == "l1_l2") return {regularizer.config.get("l1", 0.0), regularizer.config.get("l2", 0.0)};
  fail(where, "activity_regularizer must be L1, L2 or L1L2. Got \"", name, "\".");
}

class ActivityPenaltyKernel final : public Kernel {
 public:
  ActivityPenaltyKernel(const Strengths& strengths, const TensorType& type, int64_t grain)
      : strengths_(strengths), type_(type), grain_(grain) {}
  std::string_view kind() const override { return "activity_penalty"; }
  std::vector<TensorType> outputs() const override { return {type_}; }
  // The output is the input: reading that leaves the memory shared.
  KernelNeeds needs() const override { return {.backward_inputs = false, .backward_outputs = true, .in_place = true}; }
  KernelCost cost() const override {
    const double count = static_cast<double>(grain_ * type_.stored_count());
    return {.flops = 4 * count, .bytes = 8 * count};
  }

  void forward(const ForwardCall& call) const override {
    const float* x = static_cast<const float*>(call.inputs[0]);
    if (call.outputs[0] != call.inputs[0]) std::memcpy(call.outputs[0], x, static_cast<size_t>(type_.bytes(grain_)));
    if (!call.added_loss) return;
    double absolute = 0, square = 0;
    for (int64_t i = 0; i < call.rows * type_.stored_count(); ++i) {
      absolute += std::fabs(x[i]);
      square += static_cast<double>(x[i]) * x[i];
    }
    *call.added_loss += strengths_.l1 * absolute + strengths_.l2 * square;
  }

  void backward(const BackwardCall& call) const override {
    if (!call.input_gradients[0]) return;
    const float* x = static_cast<const float*>(call.outputs[0]);
    const float* dy = static_cast<const float*>(call.output_gradients[0]);
    float* dx = static_cast<float*>(call.input_gradients[0]);
    const float l1 = static_cast<float>(strengths_.l1) * call.sample_scale,
                l2 = 2 * static_cast<float>(strengths_.l2) * call.sample_scale;
    const int64_t valid = call.rows * type_.stored_count(), all = grain_ * type_.stored_count();
    for (int64_t i = 0; i < valid; ++i) dx[i] = dy[i] + l2 * x[i] + (x[i] > 0 ? l1 : x[i] < 0 ? -l1 : 0);
    for (int64_t i = valid; i < all; ++i) dx[i] = 0;
  }

 private:
  Strengths strengths_;
  TensorType type_;
  int64_t grain_;
};

}  // namespace

void check_activity_regularizer(const Spec& regularizer, std::string_view where) {
  if (!regularizer.empty()) strengths_of(regularizer, where);
}

std::unique_ptr<Kernel> make_activity_penalty(const Spec& regularizer, const TensorType& type, int64_t grain) {
  return std::make_unique<ActivityPenaltyKernel>(strengths_of(regularizer, "activity_regularizer"), type, grain);
}

Value lower_activity_penalty(Lowering& lowering, Value value, const Spec& regularizer) {
  if (regularizer.empty()) return value;
  return lowering.add1(make_activity_penalty(regularizer, lowering.type(value), lowering.grain()), {value});
}

}  // namespace batchwise
