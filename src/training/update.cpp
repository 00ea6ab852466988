// One weight update from the summed gradients.
#include "training/update.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "plan/placement.h"

namespace batchwise {
namespace {
constexpr int64_t kChunk = 8192;  // floats: gradient, weight and two slots of a chunk fit half a second-level cache
}

Update::Update(const Model& model, const VariableStore& variables, const WeightPenalties& penalties,
               std::vector<std::vector<int>> runs)
    : optimizer_(make_optimizer(model.compiled()->optimizer)), penalties_(penalties), runs_(std::move(runs)) {
  slots_ = optimizer_->slots();
  learning_rate_ = optimizer_->options().learning_rate;
  held_.resize(variables.size());
  for (size_t v = 0; v < variables.size(); ++v) {
    first_chunk_.push_back(chunks_.size());
    counts_.push_back(variables.stored_count(v));
    const VariableSpec& spec = variables.variable(v).spec;
    require(spec.constraint.empty(), variables.variable(v).path, "constraints are not supported. Got \"",
            spec.constraint.class_name, "\".");
    if (runs_[v].empty()) continue;
    for (int64_t begin = 0; begin < counts_[v]; begin += kChunk)
      chunks_.push_back({v, begin, std::min(begin + kChunk, counts_[v])});
  }
  first_chunk_.push_back(chunks_.size());
  square_sums_.resize(chunks_.size());
}

int64_t Update::optimizer_bytes() const {
  int64_t bytes = 0;
  const int64_t copies = static_cast<int64_t>(slots_.size()) + (optimizer_->options().use_ema ? 1 : 0);
  for (size_t v = 0; v < counts_.size(); ++v)
    if (!runs_[v].empty()) bytes += copies * aligned(counts_[v] * 4);
  return bytes;
}

int64_t Update::accumulator_bytes() const {
  int64_t bytes = 0;
  if (optimizer_->options().gradient_accumulation_steps < 2) return 0;
  for (size_t v = 0; v < counts_.size(); ++v)
    if (!runs_[v].empty()) bytes += aligned(counts_[v] * 4);
  return bytes;
}

void Update::place(Arena& arena) {
  const OptimizerOptions& options = optimizer_->options();
  for (size_t v = 0; v < counts_.size(); ++v) {
    if (runs_[v].empty()) continue;
    for (const SlotSpec& slot : slots_) {
      float* memory = arena.take_floats(counts_[v]);
      std::fill_n(memory, counts_[v], slot.initial);
      held_[v].slots.push_back(memory);
    }
    if (options.use_ema) held_[v].average = arena.take_floats(counts_[v]);
  }
  if (options.gradient_accumulation_steps >= 2)
    for (size_t v = 0; v < counts_.size(); ++v)
      if (!runs_[v].empty()) held_[v].accumulator = arena.take_floats(counts_[v]);
  for (size_t v = 0; v < counts_.size(); ++v)
    if (held_[v].average) tensors_.push_back({"average", v, held_[v].average});
  for (size_t v = 0; v < counts_.size(); ++v)
    if (held_[v].accumulator) tensors_.push_back({"gradient_accumulator", v, held_[v].accumulator});
  const size_t interleaved = static_cast<size_t>(optimizer_->interleaved_slots());
  for (size_t v = 0; v < counts_.size(); ++v)
    for (size_t s = 0; s < std::min(interleaved, held_[v].slots.size()); ++s)
      tensors_.push_back({slots_[s].name, v, held_[v].slots[s]});
  // Keras makes these after all the others.
  for (size_t s = interleaved; s < slots_.size(); ++s)
    for (size_t v = 0; v < counts_.size(); ++v)
      if (!held_[v].slots.empty()) tensors_.push_back({slots_[s].name, v, held_[v].slots[s]});
}

bool Update::updates_now() const {
  const int64_t steps = optimizer_->options().gradient_accumulation_steps;
  return steps < 2 || (iterations_ + 1) % steps == 0;
}

bool Update::clips_by_norm() const {
  return optimizer_->options().clipnorm > 0 || optimizer_->options().global_clipnorm > 0;
}

double Update::learning_rate() const {
  return optimizer_->schedule() ? optimizer_->schedule()->rate(schedule_position_)
                                : static_cast<double>(static_cast<float>(learning_rate_));
}

void Update::set_learning_rate(double rate) {
  require(!optimizer_->schedule(), "learning_rate",
          "the optimizer's learning rate is ruled by a schedule and cannot be set. Got ", rate, ".");
  require(std::isfinite(rate) && rate >= 0, "learning_rate",
          "the learning rate must be a finite number, 0 or more. Got ", rate, ".");
  learning_rate_ = static_cast<double>(static_cast<float>(rate));
}

void Update::begin() {
  const int64_t steps = std::max<int64_t>(1, optimizer_->options().gradient_accumulation_steps);
  scalars_ = {};
  scalars_.learning_rate = learning_rate();
  scalars_.iteration = iterations_ / steps;
  optimizer_->begin(scalars_);
}

void Update::end() {
  ++iterations_;
  schedule_position_ += schedule_step_;
}

void Update::gather(const VariableStore& variables, GradientSums& sums, const Chunk& chunk, float scale) {
  const size_t v = chunk.variable;
  float* gradient = sums.slot(0, runs_[v][0]);
  for (size_t r = 0; r < runs_[v].size(); ++r) {
    sums.finish(runs_[v][r], chunk.begin, chunk.end);
    const float* other = sums.slot(0, runs_[v][r]);
    if (r > 0)
      for (int64_t i = chunk.begin; i < chunk.end; ++i) gradient[i] += other[i];
  }
  if (scale != 1.0f)
    for (int64_t i = chunk.begin; i < chunk.end; ++i) gradient[i] *= scale;
  if (const Regularizer* penalty = penalties_.of(v))
    penalty->add_gradient(variables.stored(v) + chunk.begin, gradient + chunk.begin, chunk.end - chunk.begin, 1.0f);
  if (float* accumulator = held_[v].accumulator) {
    const float share = 1.0f / static_cast<float>(optimizer_->options().gradient_accumulation_steps);
    const bool now = updates_now();
    for (int64_t i = chunk.begin; i < chunk.end; ++i) {
      const float sum = accumulator[i] + gradient[i];
      accumulator[i] = now ? 0.0f : sum;
      gradient[i] = sum * share;
    }
  }
}

float Update::clip_of(size_t variable) const {
  const OptimizerOptions& options = optimizer_->options();
  const bool global = options.global_clipnorm > 0;
  const size_t begin = global ? 0 : first_chunk_[variable], end = global ? chunks_.size() : first_chunk_[variable + 1];
  double sum = 0;
  for (size_t c = begin; c < end; ++c) sum += square_sums_[c];
  const double norm = std::sqrt(sum);
  if (!global) return static_cast<float>(options.clipnorm / std::max(norm, options.clipnorm));
  // An infinite or undefined norm makes every gradient undefined: Keras's rule, so that it is seen.
  return static_cast<float>(options.global_clipnorm * std::min(1.0 / norm, 1.0 / options.global_clipnorm) +
                            (norm - norm));
}

void Update::step(const VariableStore& variables, GradientSums& sums, const Chunk& chunk, float clip) {
  const OptimizerOptions& options = optimizer_->options();
  const size_t v = chunk.variable;
  const int64_t count = chunk.end - chunk.begin;
  float* weights = variables.stored(v) + chunk.begin;
  float* gradient = sums.slot(0, runs_[v][0]) + chunk.begin;
  if (updates_now()) {
    if (clips_by_norm())
      for (int64_t i = 0; i < count; ++i) gradient[i] *= clip;
    if (options.clipvalue > 0) {
      const float limit = static_cast<float>(options.clipvalue);
      for (int64_t i = 0; i < count; ++i) gradient[i] = std::clamp(gradient[i], -limit, limit);
    }
    if (options.weight_decay > 0) {
      const float decay = static_cast<float>(options.weight_decay), rate = static_cast<float>(scalars_.learning_rate);
      for (int64_t i = 0; i < count; ++i) weights[i] -= weights[i] * decay * rate;
    }
    float* slots[8];
    for (size_t s = 0; s < held_[v].slots.size(); ++s) slots[s] = held_[v].slots[s] + chunk.begin;
    optimizer_->update(scalars_, {count, weights, gradient, {slots, held_[v].slots.size()}});
  }
  if (!held_[v].average) return;
  float* average = held_[v].average + chunk.begin;
  const float momentum = scalars_.iteration == 0 ? 0.0f : static_cast<float>(options.ema_momentum);
  for (int64_t i = 0; i < count; ++i) average[i] = momentum * average[i] + (1 - momentum) * weights[i];
  if (options.ema_overwrite_frequency > 0 && (scalars_.iteration + 1) % options.ema_overwrite_frequency == 0)
    std::memcpy(weights, average, static_cast<size_t>(count) * 4);
}

void Update::run(const VariableStore& variables, GradientSums& sums, float scale, Lanes& lanes, int lane) {
  const size_t parts = static_cast<size_t>(lanes.count()), part = static_cast<size_t>(lane);
  const size_t begin = chunks_.size() * part / parts, end = chunks_.size() * (part + 1) / parts;
  if (clips_by_norm()) {
    for (size_t c = begin; c < end; ++c) {
      gather(variables, sums, chunks_[c], scale);
      const float* gradient = sums.slot(0, runs_[chunks_[c].variable][0]);
      double sum = 0;
      for (int64_t i = chunks_[c].begin; i < chunks_[c].end; ++i) sum += static_cast<double>(gradient[i]) * gradient[i];
      square_sums_[c] = sum;
    }
    lanes.barrier().meet();
  }
  float clip = 1;
  for (size_t c = begin; c < end; ++c) {
    if (!clips_by_norm()) gather(variables, sums, chunks_[c], scale);
    else if (c == begin || chunks_[c].variable != chunks_[c - 1].variable) clip = clip_of(chunks_[c].variable);
    step(variables, sums, chunks_[c], clip);
  }
  if (!variables.has_copies(1)) return;
  lanes.barrier().meet();
  variables.refresh(lane, lanes.count(), 1);
}

void Update::overwrite_with_averages(const VariableStore& variables) {
  for (size_t v = 0; v < held_.size(); ++v)
    if (held_[v].average && iterations_ > 0)
      std::memcpy(variables.stored(v), held_[v].average, static_cast<size_t>(counts_[v]) * 4);
}

void Update::load(const OptimizerState& state, const VariableStore& variables) {
  iterations_ = state.iterations;
  schedule_position_ = static_cast<double>(state.iterations);
  if (state.learning_rate > 0 && !optimizer_->schedule()) learning_rate_ = state.learning_rate;
  if (state.slots.empty()) return;
  require(state.slots.size() == tensors_.size(), "optimizer", "the saved state must have ", tensors_.size(),
          " variables for ", optimizer_->class_name(), ". Got ", state.slots.size(),
          ". Compile the model with the optimizer it was saved with.");
  for (size_t i = 0; i < tensors_.size(); ++i) {
    require(static_cast<int64_t>(state.slots[i].second.size()) == variables.canonical_count(tensors_[i].variable),
            "optimizer", "the saved variable ", i, " (", state.slots[i].first, ") must have ",
            variables.canonical_count(tensors_[i].variable), " values. Got ", state.slots[i].second.size(), ".");
    variables.pack(tensors_[i].variable, state.slots[i].second.data(), tensors_[i].stored);
  }
}

void Update::save(const Tensor& tensor, const VariableStore& variables, OptimizerState& state) const {
  std::vector<float> values(static_cast<size_t>(variables.canonical_count(tensor.variable)));
  variables.unpack(tensor.variable, tensor.stored, values.data());
  std::string name = variables.variable(tensor.variable).path;
  std::replace(name.begin(), name.end(), '/', '_');
  state.slots.emplace_back(name + "_" + tensor.name, std::move(values));
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
    arena.release(tensors_[given_back_].stored, counts_[tensors_[given_back_].variable] * 4);
  }
}

void Update::restore_counters(int64_t iterations, double schedule_position, double learning_rate) {
  iterations_ = iterations;
  schedule_position_ = schedule_position;
  learning_rate_ = learning_rate;
}

}  // namespace batchwise
