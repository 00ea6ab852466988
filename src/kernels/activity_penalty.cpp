// Activity regularisation: a penalty on a layer's outputs, added to the loss.
#include "kernels/activity_penalty.h"

#include <cmath>
#include <cstring>
#include <utility>

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
  ActivityPenaltyKernel(const Strengths& strengths, std::vector<TensorType> types, int64_t grain)
      : strengths_(strengths), types_(std::move(types)), grain_(grain) {}
  std::string_view kind() const override { return "activity_penalty"; }
  std::vector<TensorType> outputs() const override { return types_; }
  // The output is the input: reading that leaves the memory shared.
  KernelNeeds needs() const override {
    return {.backward_inputs = false, .backward_outputs = true, .in_place = types_.size() == 1};
  }
  KernelCost cost() const override {
    double count = 0;
    for (const TensorType& type : types_) count += static_cast<double>(grain_ * type.stored_count());
    return {.flops = 4 * count, .bytes = 8 * count};
  }

  void forward(const ForwardCall& call) const override {
    double absolute = 0, square = 0;
    for (size_t k = 0; k < types_.size(); ++k) {
      const float* x = static_cast<const float*>(call.inputs[k]);
      if (call.outputs[k] != call.inputs[k])
        std::memcpy(call.outputs[k], x, static_cast<size_t>(types_[k].bytes(grain_)));
      if (!call.added_loss) continue;
      for (int64_t i = 0; i < call.rows * types_[k].stored_count(); ++i) {
        absolute += std::fabs(x[i]);
        square += static_cast<double>(x[i]) * x[i];
      }
    }
    if (call.added_loss) *call.added_loss += strengths_.l1 * absolute + strengths_.l2 * square;
  }

  void backward(const BackwardCall& call) const override {
    const float l1 = static_cast<float>(strengths_.l1) * call.sample_scale,
                l2 = 2 * static_cast<float>(strengths_.l2) * call.sample_scale;
    for (size_t k = 0; k < types_.size(); ++k) {
      if (!call.input_gradients[k]) continue;
      const float* x = static_cast<const float*>(call.outputs[k]);
      const float* dy = static_cast<const float*>(call.output_gradients[k]);  // null: nothing reads the output
      float* dx = static_cast<float*>(call.input_gradients[k]);
      const int64_t valid = call.rows * types_[k].stored_count(), all = grain_ * types_[k].stored_count();
      for (int64_t i = 0; i < valid; ++i) dx[i] = (dy ? dy[i] : 0) + l2 * x[i] + (x[i] > 0 ? l1 : x[i] < 0 ? -l1 : 0);
      for (int64_t i = valid; i < all; ++i) dx[i] = 0;
    }
  }

 private:
  Strengths strengths_;
  std::vector<TensorType> types_;
  int64_t grain_;
};

}  // namespace

void check_activity_regularizer(const Spec& regularizer, std::string_view where) {
  if (!regularizer.empty()) strengths_of(regularizer, where);
}

std::unique_ptr<Kernel> make_activity_penalty(const Spec& regularizer, std::vector<TensorType> types, int64_t grain) {
  return std::make_unique<ActivityPenaltyKernel>(strengths_of(regularizer, "activity_regularizer"), std::move(types),
                                                 grain);
}

Value lower_activity_penalty(Lowering& lowering, Value value, const Spec& regularizer) {
  return lower_activity_penalty(lowering, std::vector<Value>{value}, regularizer).front();
}

std::vector<Value> lower_activity_penalty(Lowering& lowering, const std::vector<Value>& values,
                                          const Spec& regularizer) {
  if (regularizer.empty()) return values;
  std::vector<TensorType> types;
  for (const Value value : values) types.push_back(lowering.type(value));
  return lowering.add(make_activity_penalty(regularizer, std::move(types), lowering.grain()), values);
}

}  // namespace batchwise
