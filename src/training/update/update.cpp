// One weight update from the summed gradients.
#include "training/update/update.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "kernels/simd/sums.h"
#include "plan/placement.h"
#include "training/update/canonical.h"

namespace batchwise {
namespace {
constexpr int64_t kChunk = 8192;  // floats: gradient, weight and two slots of a chunk fit half a second-level cache
constexpr size_t kMostSlots = 8;
}  // namespace

Update::Update(const Model& model, const VariableStore& variables, const WeightPenalties& penalties,
               std::vector<std::vector<int>> runs)
    : optimizer_(make_optimizer(model.compiled()->optimizer)), penalties_(penalties), runs_(std::move(runs)) {
  learning_rate_ = optimizer_->options().learning_rate;
  for (size_t v = 0; v < variables.size(); ++v) {
    first_chunk_.push_back(chunks_.size());
    held_.push_back(held_of(variables.variable(v), variables.stored_count(v), !runs_[v].empty()));
    const Held& held = held_.back();
    if (!held.learns) continue;
    if (held.whole) whole_.push_back(v);
    if (held.constraint) constrained_.push_back(v);
    if (penalties.of(v) && penalties.of(v)->is_whole()) penalised_.push_back(v);
    lane_bytes_ = std::max(lane_bytes_, scratch_of(variables, v));
    for (int64_t begin = 0; begin < held.count; begin += kChunk)
      chunks_.push_back({v, begin, std::min(begin + kChunk, held.count), floats_ + begin});
    floats_ += held.count;
  }
  first_chunk_.push_back(chunks_.size());
  square_sums_.resize(chunks_.size());
  measured_.resize(chunks_.size());
  for (std::vector<size_t>* list : {&whole_, &constrained_, &penalised_})
    std::stable_sort(list->begin(), list->end(), [&](size_t a, size_t b) { return held_[a].count > held_[b].count; });
}

Update::Held Update::held_of(const Variable& variable, int64_t stored_count, bool learns) const {
  Held held;
  held.learns = learns;
  held.count = stored_count;
  if (!learns) return held;
  held.about = {variable.path, variable.spec.shape};
  held.specs = optimizer_->slots(held.about);
  require(held.specs.size() <= kMostSlots, optimizer_->class_name(), "an optimizer keeps at most ", kMostSlots,
          " arrays beside a weight. Got ", held.specs.size(), " for ", variable.path, ".");
  held.whole = optimizer_->is_whole(held.about);
  held.decay = optimizer_->weight_decay(held.about);
  if (variable.spec.constraint.empty()) return held;
  held.constraint = make_constraint(variable.spec.constraint);
  held.constraint->check(variable.spec.shape);
  return held;
}

int64_t Update::scratch_of(const VariableStore& variables, size_t v) const {
  int64_t bytes = penalties_.of(v) && penalties_.of(v)->is_whole() ? penalties_.scratch_bytes() : 0;
  const int64_t copy = Canonical::bytes(variables, v);
  if (held_[v].whole) bytes = std::max(bytes, 2 * copy + aligned(optimizer_->scratch(held_[v].about)));
  if (held_[v].constraint) bytes = std::max(bytes, copy);
  return bytes;
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

int64_t Update::moved_bytes(const VariableStore& variables, int64_t blocks) const {
  const bool now = updates_now();
  int64_t floats = 0;
  for (size_t v = 0; v < held_.size(); ++v) {
    const Held& held = held_[v];
    if (!held.learns) continue;
    const int64_t additions = blocks - 1, gradient = GradientSums::kAddition * additions + 1;
    floats += static_cast<int64_t>(runs_[v].size()) * gradient * held.count;
    if (held.accumulator) floats += 2 * held.count;
    if (!now) continue;
    floats += 2 * held.count;
    for (const SlotSpec& spec : held.specs) floats += 2 * slot_count(held, spec);
    if (held.average) floats += 2 * held.count;
  }
  return 4 * floats + variables.refreshed_bytes(1);
}

void Update::begin(bool measures) {
  measures_ = measures;
  const int64_t steps = std::max<int64_t>(1, optimizer_->options().gradient_accumulation_steps);
  scalars_ = {};
  scalars_.learning_rate = learning_rate();
  scalars_.iteration = iterations_ / steps;
  optimizer_->begin(scalars_);
  for (std::atomic<size_t>* next : {&next_whole_, &next_constrained_, &next_penalised_})
    next->store(0, std::memory_order_relaxed);
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
  if (measures_) measured_[static_cast<size_t>(&chunk - chunks_.data())] = square_of(sums, chunk);
  if (scale != 1.0f)
    for (int64_t i = chunk.begin; i < chunk.end; ++i) gradient[i] *= scale;
  if (const Regularizer* penalty = penalties_.of(v); penalty && !penalty->is_whole())
    penalty->add_gradient(variables.stored(v) + chunk.begin, gradient + chunk.begin, chunk.end - chunk.begin, 1.0f);
}

void Update::accumulate(GradientSums& sums, const Chunk& chunk) const {
  float* accumulator = held_[chunk.variable].accumulator;
  if (!accumulator) return;
  float* gradient = sums.slot(0, runs_[chunk.variable][0]);
  const float share = 1.0f / static_cast<float>(optimizer_->options().gradient_accumulation_steps);
  const bool now = updates_now();
  for (int64_t i = chunk.begin; i < chunk.end; ++i) {
    const float sum = accumulator[i] + gradient[i];
    accumulator[i] = now ? 0.0f : sum;
    gradient[i] = sum * share;
  }
}

double Update::square_of(const GradientSums& sums, const Chunk& chunk) const {
  return sum_squares(sums.slot(0, runs_[chunk.variable][0]) + chunk.begin, chunk.end - chunk.begin);
}

double Update::gradient_square(size_t v) const {
  double sum = 0;
  for (size_t c = first_chunk_[v]; c < first_chunk_[v + 1]; ++c) sum += measured_[c];
  return sum;
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

void Update::prepare(const VariableStore& variables, GradientSums& sums, const Chunk& chunk, float clip) const {
  const OptimizerOptions& options = optimizer_->options();
  const size_t v = chunk.variable;
  const int64_t count = chunk.end - chunk.begin;
  float* weights = variables.stored(v) + chunk.begin;
  float* gradient = sums.slot(0, runs_[v][0]) + chunk.begin;
  if (clips_by_norm())
    for (int64_t i = 0; i < count; ++i) gradient[i] *= clip;
  if (options.clipvalue > 0) {
    const float limit = static_cast<float>(options.clipvalue);
    for (int64_t i = 0; i < count; ++i) gradient[i] = std::clamp(gradient[i], -limit, limit);
  }
  if (held_[v].decay > 0) {
    const float decay = static_cast<float>(held_[v].decay), rate = static_cast<float>(scalars_.learning_rate);
    for (int64_t i = 0; i < count; ++i) weights[i] -= weights[i] * decay * rate;
  }
}

void Update::step(const VariableStore& variables, GradientSums& sums, const Chunk& chunk) const {
  const Held& held = held_[chunk.variable];
  float* slots[kMostSlots];
  for (size_t s = 0; s < held.slots.size(); ++s) slots[s] = held.slots[s] + chunk.begin;
  optimizer_->update(scalars_, {chunk.end - chunk.begin,
                                variables.stored(chunk.variable) + chunk.begin,
                                sums.slot(0, runs_[chunk.variable][0]) + chunk.begin,
                                {slots, held.slots.size()}});
}

void Update::step_whole(const VariableStore& variables, GradientSums& sums, size_t v, std::byte* scratch) const {
  const Canonical weights(variables, v, variables.stored(v), scratch);
  const Canonical gradient(variables, v, sums.slot(0, runs_[v][0]), scratch);
  optimizer_->update_whole(scalars_,
                           {held_[v].about.shape, weights.values(), gradient.values(), {held_[v].slots}, scratch});
  weights.store();
}

void Update::average(const VariableStore& variables, const Chunk& chunk) const {
  const OptimizerOptions& options = optimizer_->options();
  if (!held_[chunk.variable].average) return;
  float *average = held_[chunk.variable].average + chunk.begin,
        *weights = variables.stored(chunk.variable) + chunk.begin;
  const int64_t count = chunk.end - chunk.begin;
  const float momentum = scalars_.iteration == 0 ? 0.0f : static_cast<float>(options.ema_momentum);
  for (int64_t i = 0; i < count; ++i) average[i] = momentum * average[i] + (1 - momentum) * weights[i];
  if (options.ema_overwrite_frequency > 0 && (scalars_.iteration + 1) % options.ema_overwrite_frequency == 0)
    std::memcpy(weights, average, static_cast<size_t>(count) * 4);
}

void Update::constrain(const VariableStore& variables, size_t v, std::byte* scratch) const {
  const Canonical weights(variables, v, variables.stored(v), scratch);
  held_[v].constraint->apply(held_[v].about.shape, weights.values());
  weights.store();
}

template <class Work>
void Update::share(const std::vector<size_t>& list, std::atomic<size_t>& next, const Work& work) const {
  for (size_t i = next.fetch_add(1); i < list.size(); i = next.fetch_add(1)) work(list[i]);
}

void Update::run(const VariableStore& variables, GradientSums& sums, float scale, Lanes& lanes, int lane,
                 std::byte* scratch) {
  const size_t parts = static_cast<size_t>(lanes.count()), part = static_cast<size_t>(lane);
  const auto first_of = [&](size_t p) {  // the chunk that begins nearest to a part's share of all floats
    const int64_t at = floats_ * static_cast<int64_t>(p) / static_cast<int64_t>(parts);
    return static_cast<size_t>(std::lower_bound(chunks_.begin(), chunks_.end(), at - kChunk / 2,
                                                [](const Chunk& chunk, int64_t place) { return chunk.place < place; }) -
                               chunks_.begin());
  };
  const size_t begin = part == 0 ? 0 : first_of(part), end = part + 1 == parts ? chunks_.size() : first_of(part + 1);
  const bool gathered = !penalised_.empty();
  if (gathered) {
    for (size_t c = begin; c < end; ++c) gather(variables, sums, chunks_[c], scale);
    lanes.barrier().meet();
    share(penalised_, next_penalised_,
          [&](size_t v) { penalties_.add_gradient(v, variables, sums.slot(0, runs_[v][0]), scratch); });
    lanes.barrier().meet();
  }
  const auto bring = [&](size_t c) {
    if (!gathered) gather(variables, sums, chunks_[c], scale);
    accumulate(sums, chunks_[c]);
  };
  if (clips_by_norm()) {
    for (size_t c = begin; c < end; ++c) {
      bring(c);
      square_sums_[c] = square_of(sums, chunks_[c]);
    }
    lanes.barrier().meet();
  }
  float clip = 1;
  const bool now = updates_now();
  for (size_t c = begin; c < end; ++c) {
    const size_t v = chunks_[c].variable;
    if (!clips_by_norm()) bring(c);
    else if (c == begin || v != chunks_[c - 1].variable) clip = clip_of(v);
    if (now) prepare(variables, sums, chunks_[c], clip);
    if (held_[v].whole && now) continue;
    if (now) step(variables, sums, chunks_[c]);
    average(variables, chunks_[c]);
  }
  if (!whole_.empty() && now) {
    lanes.barrier().meet();
    share(whole_, next_whole_, [&](size_t v) {
      step_whole(variables, sums, v, scratch);
      for (size_t c = first_chunk_[v]; c < first_chunk_[v + 1]; ++c) average(variables, chunks_[c]);
    });
  }
  if (!constrained_.empty()) {
    lanes.barrier().meet();
    share(constrained_, next_constrained_, [&](size_t v) { constrain(variables, v, scratch); });
  }
  if (!variables.has_copies(1)) return;
  lanes.barrier().meet();
  variables.refresh(lane, lanes.count(), 1);
}

}  // namespace batchwise
