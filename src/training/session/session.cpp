// The buffers of one plan, and the steps made in them.
#include "training/session/session.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "kernels/simd/finite.h"
#include "plan/budget.h"

namespace batchwise {
namespace {

using Clock = std::chrono::steady_clock;

// Samples are read by lanes, or by as many workers as there are cores.
DecodingLimit decoding_limit(const Blueprint& blueprint) {
  const Plan& plan = blueprint.plan();
  return {plan.budget_bytes, plan.budget_bytes - plan.peak_bytes, std::max(blueprint.choice().lanes, usable_cores())};
}

}  // namespace

void require_finite_weights(const Model& model) {
  for (const auto& variable : model.weights())
    if (const float* bad = first_not_finite(variable->value.data(), static_cast<int64_t>(variable->value.size())))
      fail("weights", "the weights of a model must be finite. Got ", *bad, " in ", variable->path, ".");
}

Session::Session(const Model& model, std::unique_ptr<Blueprint> blueprint, uint64_t seed, bool allow_nan,
                 std::optional<WeightsHold> hold)
    : model_(model),
      hold_(std::move(hold)),
      blueprint_(std::move(blueprint)),
      seed_(seed),
      allow_nan_(allow_nan),
      arena_(blueprint_->plan().arena_bytes),
      decoding_limit_(decoding_limit(*blueprint_)) {
  if (!hold_) hold_.emplace(model, "weights");
  const SessionRequest& request = blueprint_->request();
  const int lanes = blueprint_->choice().lanes;
  if (blueprint_->training())
    feed_.emplace(model, request.data, !allow_nan, blueprint_->training()->program->grain(), lanes);
  if (blueprint_->inference())
    inference_feed_.emplace(model, request.validation.empty() ? request.data : request.validation, !allow_nan,
                            blueprint_->inference()->program->grain(), lanes);
  lanes_ = std::make_unique<Lanes>(lanes);
  if (blueprint_->training()) blueprint_->training()->program->prepare(lanes_->count());
  if (blueprint_->inference()) blueprint_->inference()->program->prepare(lanes_->count());
  place();
}

void Session::read_result(GradientSums& sums, double samples) {
  sums.finish_doubles();
  const double* doubles = sums.doubles(0);
  const Objectives& objectives = *blueprint_->objectives();
  StepResult& result = result_;
  result.samples = samples;
  result.loss = 0;
  result.output_losses.clear();
  for (size_t o = 0; o < objectives.outputs().size(); ++o) {
    const double loss = objectives.output_loss(o, doubles);
    result.output_losses.push_back(loss);
    result.loss += objectives.outputs()[o].loss_weight * loss;
  }
  result.loss += doubles[objectives.added_at()] / samples;
  result.loss += blueprint_->penalties().value(variables(), transient_);
  result.metrics.assign(doubles + objectives.added_at() + 1, doubles + objectives.doubles());
}

void Session::check_loss() const {
  if (allow_nan_ || std::isfinite(result_.loss)) return;
  fail_not_finite(
      "fit", "the loss must be finite. Got ", result_.loss,
      ". The weights are those before this step. Lower the learning rate, look at the data, or give --allow-nan "
      "to go on.");
}

Lanes& Session::crew() { return training_->shared_by_lanes() && !alone_or_together_.together() ? one_lane_ : *lanes_; }

const StepResult& Session::compute(const BatchRange& batch, double scale_samples,
                                   const std::map<int64_t, double>* class_weight, bool measures_noise) {
  training_->begin(batch.count);
  ExecutionRun run;
  run.batch = batch;
  run.seed = seed_;
  run.blocks = blueprint_->grain().blocks;
  run.sums = &*sums_;
  run.class_weight = class_weight;
  run.samples = scale_samples;
  run.measures_noise = measures_noise;
  sums_->begin(training_->grains(), run.blocks);
  Lanes& lanes = crew();
  const auto work = [&](int lane) { training_->run(run, lanes, lane); };
  if (training_->for_one_lane()) lanes.run_first(work);
  else lanes.run(work);
  read_result(*sums_, static_cast<double>(batch.count));
  check_loss();
  return result_;
}

void Session::apply(float scale, bool measures_noise) {
  Update& update = *blueprint_->update();
  update.begin(measures_noise);
  Lanes& lanes = crew();
  const double moved = kinds_ ? static_cast<double>(update.moved_bytes(variables(), sums_->pending())) : 0;
  lanes.run([&](int lane) {
    training_->commit(lane, lanes.count());
    if (training_->moves_learned()) lanes.barrier().meet();
    const int64_t begin = kinds_ ? WorkClock::now() : 0;
    update.run(variables(), *sums_, scale, lanes, lane, transient_ + lane * update.lane_bytes());
    if (kinds_) kinds_->clock().add(lane, WorkKinds::kUpdate, begin, moved / lanes.count());
  });
  update.end();
  inference_stale_ = true;
}

const StepResult& Session::step(const BatchRange& batch, const std::map<int64_t, double>* class_weight,
                                NoiseTerms* noise) {
  const bool measures = noise && !noise_slots().names.empty();
  const bool shared = lanes_->count() > 1 && blueprint_->plan().grains == 1;
  const auto begin = shared ? Clock::now() : Clock::time_point();
  if (kinds_) kinds_->clock().begin_step();
  compute(batch, static_cast<double>(batch.count), class_weight, measures);
  apply(1.0f, measures);
  if (kinds_) kinds_->clock().end_step();
  if (shared && training_->shared_by_lanes())
    alone_or_together_.took(std::chrono::duration<double>(Clock::now() - begin).count());
  if (measures) read_noise(*noise);
  return result_;
}

void Session::read_noise(NoiseTerms& terms) const {
  training_->read_noise(terms);
  terms.squares.assign(noise_slots().names.size(), 0.0);
  for (size_t v = 0; v < variables().size(); ++v)
    if (const int slot = blueprint_->noise_slot_of(v); slot >= 0)
      terms.squares[static_cast<size_t>(slot)] += blueprint_->update()->gradient_square(v);
}

Carry Session::empty_carry() const {
  Carry carry;
  for (int64_t count : blueprint_->sums_shape().floats) carry.emplace_back(static_cast<size_t>(count));
  return carry;
}

void Session::add_to_carry(const Carry& before, Carry& after) {
  for (size_t run = 0; run < after.size(); ++run) {
    const int index = static_cast<int>(run);
    sums_->finish(index, 0, static_cast<int64_t>(after[run].size()));
    const float* gradient = sums_->slot(0, index);
    for (size_t i = 0; i < after[run].size(); ++i) after[run][i] = before[run][i] + gradient[i];
  }
}

void Session::load_carry(const Carry& carry) {
  sums_->begin(1, 1);  // the result stands in one slot
  for (size_t run = 0; run < carry.size(); ++run)
    std::copy(carry[run].begin(), carry[run].end(), sums_->slot(0, static_cast<int>(run)));
}

void Session::check_same_columns(const Dataset& data, std::string_view where) const {
  const Dataset& first = blueprint_->request().data;
  const auto& now = data.source().columns();
  const auto& then = first.source().columns();
  bool same =
      now.size() == then.size() && data.num_inputs() == first.num_inputs() && data.num_targets() == first.num_targets();
  for (size_t c = 0; same && c < now.size(); ++c) same = now[c].dtype == then[c].dtype && now[c].shape == then[c].shape;
  require(same, where, "all batches must have the shapes and element types of the first.");
}

void Session::weights_changed() {
  variables().refresh(0, 1, 2);
  inference_stale_ = false;
}

void Session::refresh_inference() {
  if (!inference_stale_) return;
  variables().refresh(0, 1, 2);
  inference_stale_ = false;
}

RunningSums Session::evaluate(const Dataset& data, int64_t samples, int64_t batch_size, const SumsSeen& seen) {
  inference_feed_->forget();
  refresh_inference();
  const Objectives& objectives = *blueprint_->objectives();
  // Means do not depend on how samples are cut: larger cuts are faster.
  const int64_t slab = objectives.by_batch() ? std::min(batch_size, blueprint_->slab()) : blueprint_->slab();
  RunningSums total = objectives.empty_sums();
  for (int64_t first = 0; first < samples; first += slab) {
    ExecutionRun run;
    run.batch = {&data, nullptr, 0, first, std::min(slab, samples - first), 0};
    run.blocks = Blueprint::kSlabBlocks;
    run.sums = &*inference_sums_;
    run.samples = static_cast<double>(run.batch.count);
    inference_->begin(run.batch.count);
    inference_sums_->begin(inference_->grains(), run.blocks);
    lanes_->run([&](int lane) { inference_->run(run, *lanes_, lane); });
    read_result(*inference_sums_, run.samples);
    add_to(total, result_);
    if (seen) seen(total);
  }
  return total;
}

std::vector<Array> Session::predict(const Dataset& data, int64_t first, int64_t count) {
  inference_feed_->forget();
  refresh_inference();
  ExecutionRun run;
  run.batch = {&data, nullptr, 0, first, count, 0};
  run.blocks = Blueprint::kSlabBlocks;
  run.predictions.assign(prediction_slabs_.begin(), prediction_slabs_.end());
  inference_->begin(count);
  const auto work = [&](int lane) { inference_->run(run, *lanes_, lane); };
  if (inference_->for_one_lane()) lanes_->run_first(work);
  else lanes_->run(work);
  std::vector<Array> rows;
  for (size_t o = 0; o < prediction_slabs_.size(); ++o) {
    const Symbol& output = model_.outputs()[o];
    rows.push_back(Array::view(output.dtype(), prediction_slabs_[o], output.shape().with_batch(count)));
  }
  return rows;
}

std::span<float> Session::between_steps() {
  return {reinterpret_cast<float*>(transient_), static_cast<size_t>(blueprint_->choice().transient / 4)};
}

void add_to(RunningSums& sums, const StepResult& step) {
  sums.samples += step.samples;
  sums.total_loss += step.loss * step.samples;
  for (size_t o = 0; o < step.output_losses.size(); ++o) sums.output_losses[o] += step.output_losses[o] * step.samples;
  for (size_t m = 0; m < step.metrics.size(); ++m) sums.metrics[m] += step.metrics[m];
}

}  // namespace batchwise
