// Calls of layers inside one another: names, forms and masks.
#include "layers/scoped_lowering.h"

#include "base/random.h"

namespace batchwise {

uint64_t ScopedLowering::layer_key() const { return random_key(0, path()); }

Value ScopedLowering::mask(Value value) const {
  const auto it = scope().masks.find(value.index);
  return it == scope().masks.end() ? Value{} : it->second;
}

void ScopedLowering::set_mask(Value value, Value mask) {
  require(mask.index < 0 || type(mask).dtype == DType::Bool, path(), "a mask must be of dtype bool. Got another.");
  scopes_.back().masks[value.index] = mask;
  scopes_.back().stated.insert(value.index);
}

void ScopedLowering::share_mask(Value from, Value to) {
  if (scope().masks.count(from.index)) scopes_.back().masks[to.index] = mask(from);
}

void ScopedLowering::enter(const Layer& layer) {
  scopes_.resize(1);
  scopes_.push_back({&layer, {}, backward(), layer.name(), scope().masks, {}});
}

std::vector<Value> ScopedLowering::lower_part(const Layer& part, std::vector<Value> inputs, const CallForm& form) {
  Scope inner;
  inner.layer = &part;
  inner.form = form.without("mask");
  inner.training = form.training.value_or(training());
  inner.path = path().empty() ? part.name() : path() + "/" + part.name();
  std::vector<Value> values;
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (form.role(i) == "mask") continue;
    values.push_back(inputs[i]);
    inner.masks[inputs[i].index] = mask(inputs[i]);
  }
  if (const int stated = form.find("mask"); stated >= 0)
    inner.masks[values.at(0).index] = inputs[static_cast<size_t>(stated)];
  scopes_.push_back(std::move(inner));
  const Value inherited = part.passes_mask() && !values.empty() ? mask(values[0]) : Value{};
  const std::vector<Value> outputs = part.lower(*this, values);
  std::vector<Value> masks;
  for (const Value output : outputs) masks.push_back(scope().stated.count(output.index) ? mask(output) : inherited);
  scopes_.pop_back();
  for (size_t i = 0; i < outputs.size(); ++i) set_mask(outputs[i], masks[i]);
  return outputs;
}

}  // namespace batchwise
