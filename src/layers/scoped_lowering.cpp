// Calls of layers inside one another: names, forms and masks.
#include "layers/scoped_lowering.h"

#include "base/random.h"
#include "kernels/each_step.h"
#include "layers/named_errors.h"
#include "layers/operations/operation.h"
#include "layers/own_value.h"
#include "layers/stated_mask.h"

namespace batchwise {

// Each call draws for itself: the steps of a TimeDistributed that are lowered one by one.
uint64_t ScopedLowering::layer_key() const {
  const uint64_t key = random_key(0, path());
  return scope().call == 0 ? key : mix(key, scope().call);
}

Value ScopedLowering::mask(Value value) const {
  const auto it = scope().masks.find(value.index);
  return it == scope().masks.end() ? Value{} : it->second;
}

void ScopedLowering::set_mask(Value value, Value mask) {
  require_mask(value, mask, path());
  scopes_.back().masks[value.index] = mask;
  scopes_.back().stated.insert(value.index);
}

void ScopedLowering::require_mask(Value value, Value mask, const std::string& where) const {
  if (mask.index < 0) return;
  require(type(mask).dtype == DType::Bool, where, "a mask must be of dtype bool. Got another.");
  require(is_mask_of(type(mask).shape, type(value).shape), where,
          "a mask must have the first axes of what it masks. Got a mask of shape ", type(mask).shape, " for ",
          type(value).shape, ".");
}

void ScopedLowering::share_mask(Value from, Value to) {
  if (scope().masks.count(from.index)) scopes_.back().masks[to.index] = mask(from);
}

void ScopedLowering::enter(const Layer& layer) {
  scopes_.resize(1);
  scopes_.push_back({&layer, {}, backward(), layer.name(), scope().masks, {}});
  scopes_.back().policy = layer.dtype_policy().value_or(DTypePolicy::Float32);
}

const TensorType& ScopedLowering::type(Value value) const {
  const TensorType& whole = whole_type(value);
  if (scope().leading.rank() == 0) return whole;
  const int rank = scope().leading.rank();
  const std::span<const int64_t> rest(whole.shape.begin() + rank, whole.shape.end());
  return step_types_[{value.index, rank}] = {Shape(rest), whole.dtype, whole.channel_block};
}

std::vector<Value> ScopedLowering::add(std::unique_ptr<Kernel> kernel, std::vector<Value> inputs,
                                       std::vector<std::string> weights) {
  if (scope().leading.rank()) kernel = make_each_step_kernel(std::move(kernel), scope().leading);
  return append(std::move(kernel), std::move(inputs), std::move(weights));
}

std::vector<Value> ScopedLowering::lower_part(const Layer& part, std::vector<Value> inputs, const CallForm& form) {
  return lower_scope(part, inputs, form, scope().leading);
}

std::vector<Value> ScopedLowering::lower_each(const Layer& part, std::vector<Value> inputs, const CallForm& form) {
  const Shape &outer = scope().leading, steps = type(inputs.at(0)).shape;
  std::vector<int64_t> leading(outer.begin(), outer.end());
  leading.push_back(steps[0]);
  return lower_scope(part, inputs, form, Shape(leading));
}

std::vector<Value> ScopedLowering::lower_scope(const Layer& part, const std::vector<Value>& inputs,
                                               const CallForm& form, const Shape& leading) {
  Scope inner;
  inner.layer = &part;
  inner.form = form.without("mask");
  inner.training = form.training.value_or(training());
  inner.path = path().empty() ? part.name() : path() + "/" + part.name();
  inner.call = calls_[inner.path]++;
  inner.leading = leading;
  inner.steps = leading.count();
  inner.policy = part.dtype_policy().value_or(scope().policy);
  std::vector<Value> values;
  Value carried;  // by the first tensor itself: what a call states is of the call alone
  int first = 0;  // tensors of the first argument: the nth mask that the call states is that of the nth
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (form.role(i) == "mask") continue;
    Value value = inputs[i], own = mask(value);
    if (values.empty()) carried = own;
    if (form.role(i).empty()) {
      if (const int stated = form.find("mask", first++); stated >= 0) {
        own = inputs[static_cast<size_t>(stated)];
        if (!dynamic_cast<const Operation*>(&part))
          require_mask(value, own, inner.path);  // theirs have shapes of their own
      }
      const auto taken = inner.masks.find(value.index);
      if (taken != inner.masks.end() && taken->second.index != own.index) value = own_value(*this, value);
    }
    inner.masks.try_emplace(value.index, own);
    values.push_back(value);
  }
  if (form.find("mask") >= 0 && values.size() > static_cast<size_t>(first)) note_stated_mask(inner.form);
  scopes_.push_back(std::move(inner));
  const Value inherited = part.passes_mask() ? carried : Value{};
  const std::vector<Value> outputs = naming_errors(part, [&] { return part.lower(*this, values); });
  std::vector<Value> masks;
  for (const Value output : outputs) masks.push_back(scope().stated.count(output.index) ? mask(output) : inherited);
  scopes_.pop_back();
  for (size_t i = 0; i < outputs.size(); ++i) set_mask(outputs[i], masks[i]);
  return outputs;
}

}  // namespace batchwise
