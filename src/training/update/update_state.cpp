// What an update keeps between steps, sessions and runs: slots, averages, accumulators, counters.
#include <algorithm>
#include <cstring>

#include "plan/placement.h"
#include "saving/optimizer_variables.h"
#include "training/update/update.h"

namespace batchwise {

int64_t Update::slot_count(const Held& held, const SlotSpec& spec) const {
  if (spec.shape) return spec.shape->count();
  return held.whole ? held.about.shape.count() : held.count;
}

int64_t Update::optimizer_bytes() const {
  int64_t bytes = 0;
  for (const Held& held : held_) {
    if (!held.learns) continue;
    for (const SlotSpec& spec : held.specs) bytes += aligned(slot_count(held, spec) * 4);
    if (optimizer_->options().use_ema) bytes += aligned(held.count * 4);
  }
  return bytes;
}

int64_t Update::accumulator_bytes() const {
  if (optimizer_->options().gradient_accumulation_steps < 2) return 0;
  int64_t bytes = 0;
  for (const Held& held : held_)
    if (held.learns) bytes += aligned(held.count * 4);
  return bytes;
}

void Update::place(const VariableStore& variables, Arena& arena) {
  const OptimizerOptions& options = optimizer_->options();
  for (size_t v = 0; v < held_.size(); ++v) {
    Held& held = held_[v];
    if (!held.learns) continue;
    for (const SlotSpec& spec : held.specs) {
      const int64_t count = slot_count(held, spec);
      float* memory = arena.take_floats(count);
      held.slots.push_back(memory);
      if (!spec.from_weights) std::fill_n(memory, count, spec.initial);
      else if (held.whole) variables.unpack(v, variables.stored(v), memory);
      else std::memcpy(memory, variables.stored(v), static_cast<size_t>(count) * 4);
    }
    if (options.use_ema) held.average = arena.take_floats(held.count);
  }
  if (options.gradient_accumulation_steps >= 2)
    for (Held& held : held_)
      if (held.learns) held.accumulator = arena.take_floats(held.count);
  name_tensors();
}

void Update::name_tensors() {
  for (size_t v = 0; v < held_.size(); ++v)
    if (held_[v].average) tensors_.push_back({"average", v, held_[v].average, held_[v].count, false});
  for (size_t v = 0; v < held_.size(); ++v)
    if (held_[v].accumulator)
      tensors_.push_back({"gradient_accumulator", v, held_[v].accumulator, held_[v].count, false});
  const auto add = [&](size_t v, size_t s) {
    const Held& held = held_[v];
    const SlotSpec& spec = held.specs[s];
    tensors_.push_back({spec.name, v, held.slots[s], slot_count(held, spec), held.whole || spec.shape.has_value()});
  };
  const size_t interleaved = static_cast<size_t>(optimizer_->interleaved_slots());
  size_t most = 0;
  for (size_t v = 0; v < held_.size(); ++v) {
    most = std::max(most, held_[v].slots.size());
    for (size_t s = 0; s < std::min(interleaved, held_[v].slots.size()); ++s) add(v, s);
  }
  // Keras makes these after all the others.
  for (size_t s = interleaved; s < most; ++s)
    for (size_t v = 0; v < held_.size(); ++v)
      if (s < held_[v].slots.size()) add(v, s);
}

int64_t Update::canonical_count(const Tensor& tensor, const VariableStore& variables) {
  return tensor.canonical ? tensor.count : variables.canonical_count(tensor.variable);
}

void Update::unpack(const Tensor& tensor, const VariableStore& variables, float* values) {
  if (tensor.canonical) std::copy_n(tensor.stored, tensor.count, values);
  else variables.unpack(tensor.variable, tensor.stored, values);
}

void Update::pack(const Tensor& tensor, const VariableStore& variables, const float* values) {
  if (tensor.canonical) std::copy_n(values, tensor.count, tensor.stored);
  else variables.pack(tensor.variable, values, tensor.stored);
}

void Update::overwrite_with_averages(const VariableStore& variables) {
  for (size_t v = 0; v < held_.size(); ++v)
    if (held_[v].average && iterations_ > 0)
      std::memcpy(variables.stored(v), held_[v].average, static_cast<size_t>(held_[v].count) * 4);
}

std::string Update::slot_name(const Tensor& tensor, const VariableStore& variables) {
  std::string name = variables.variable(tensor.variable).path;
  std::replace(name.begin(), name.end(), '/', '_');
  return name + "_" + tensor.name;
}

void Update::load(const OptimizerState& state, const VariableStore& variables) {
  iterations_ = state.iterations;
  schedule_position_ = static_cast<double>(state.iterations);
  if (!optimizer_->schedule()) learning_rate_ = learning_rate_of(state).value_or(learning_rate_);
  if (state.slots.empty()) return;
  require(state.slots.size() == tensors_.size(), "optimizer", "the saved state must have ", tensors_.size(),
          " variables for ", optimizer_->class_name(), ". Got ", state.slots.size(),
          ". Compile the model with the optimizer it was saved with.");
  for (size_t i = 0; i < tensors_.size(); ++i) {
    const auto& [name, values] = state.slots[i];
    const std::string own = slot_name(tensors_[i], variables);
    require(name == own, "optimizer", "the saved variable ", i, " must be that of ", own, ". Got that of ", name,
            ". Compile the model again after freezing layers.");
    require(static_cast<int64_t>(values.size()) == canonical_count(tensors_[i], variables), "optimizer",
            "the saved variable ", i, " (", name, ") must have ", canonical_count(tensors_[i], variables),
            " values. Got ", values.size(), ".");
    pack(tensors_[i], variables, values.data());
  }
}

void Update::save(const Tensor& tensor, const VariableStore& variables, OptimizerState& state) const {
  std::vector<float> values(static_cast<size_t>(canonical_count(tensor, variables)));
  unpack(tensor, variables, values.data());
  state.slots.emplace_back(slot_name(tensor, variables), std::move(values));
}

OptimizerState Update::save(const VariableStore& variables) const {
  OptimizerState state;
  state.iterations = iterations_;
  state.learning_rate = learning_rate_;
  for (const Tensor& tensor : tensors_) save(tensor, variables, state);
  return state;
}

void Update::give_back(const VariableStore& variables, Arena& arena, OptimizerState& state) {
  state.iterations = iterations_;
  state.learning_rate = learning_rate_;
  for (; given_back_ < tensors_.size(); ++given_back_) {
    save(tensors_[given_back_], variables, state);
    arena.release(tensors_[given_back_].stored, tensors_[given_back_].count * 4);
  }
}

void Update::restore_counters(int64_t iterations, double schedule_position, double learning_rate) {
  iterations_ = iterations;
  schedule_position_ = schedule_position;
  learning_rate_ = learning_rate;
}

}  // namespace batchwise
