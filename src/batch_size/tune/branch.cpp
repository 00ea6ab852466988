// Branches of a run.
#include "batch_size/tune/branch.h"

#include <algorithm>
#include <cmath>

#include <batchwise/callbacks.h>
#include <batchwise/optimizer.h>
#include <batchwise/rules.h>

#include "data/sources/rows_between.h"

namespace batchwise {
namespace {

constexpr int64_t kHeldShare = 10;  // every so many-th sample
constexpr int64_t kMostHeld = 4096;

Spec optimizer_of(const Model& model) {
  require(model.compiled().has_value(), "branch", "the model must be compiled. Got one that is not.");
  return model.compiled()->optimizer;
}

}  // namespace

Deadline after(double seconds) {
  using std::chrono::steady_clock;
  constexpr double kFar = 1e9;  // thirty years: clocks count nanoseconds in 64 bits
  return steady_clock::now() + std::chrono::duration_cast<steady_clock::duration>(
                                   std::chrono::duration<double>(seconds < kFar ? seconds : kFar));
}

double learning_rate_of(const Model& model) {
  const auto optimizer = make_optimizer(optimizer_of(model));
  require(!optimizer->schedule(), "learning_rate",
          "the learning rate must be one that can be set. Got an optimizer with a schedule: give another optimizer.");
  const double set = model.optimizer_state().learning_rate;
  return set > 0 ? set : optimizer->options().learning_rate;
}

double rate_at(const Model& model, double rate, int64_t from, int64_t to) {
  return rate * rate_factor(optimizer_of(model), {.from = from, .to = to});
}

void set_learning_rate(Model& model, double rate) {
  OptimizerState state = model.optimizer_state();
  CompileOptions options = *model.compiled();
  options.optimizer.config.set("learning_rate", rate);
  model.compile(options);
  state.learning_rate = rate;
  model.optimizer_state() = std::move(state);
}

namespace {

class StopAt final : public Callback {
 public:
  explicit StopAt(Deadline deadline) : deadline_(deadline) {}
  void on_train_batch_end(int64_t, const Logs&, RunControl& run) override {
    if (std::chrono::steady_clock::now() >= deadline_) run.stop();
  }

 private:
  Deadline deadline_;
};

void add_fit(Model& branch, const Dataset& data, const FitOptions& options, LegResult& result) {
  const uint64_t seen = branch.optimizer_state().samples;
  const int64_t iterations = branch.optimizer_state().iterations;
  History history;
  try {
    history = branch.fit(data, options);
  } catch (const NotFiniteError&) { result.lost = true; }  // an answer, not a failure
  const int64_t samples = static_cast<int64_t>(branch.optimizer_state().samples - seen);
  result.samples += samples;
  result.updates += branch.optimizer_state().iterations - iterations;
  if (history.samples_per_second > 0) result.seconds += static_cast<double>(samples) / history.samples_per_second;
  else if (!history.progress.empty()) result.seconds += history.progress.back().seconds;
  for (const auto& [name, values] : history.history)
    if (name == "loss") result.lost = result.lost || values.empty() || !std::isfinite(values.back());
  if (!history.noise_scale.empty() && history.noise_scale.back()) result.noise_scale = history.noise_scale.back();
}

}  // namespace

LegResult train_on(Model& branch, const Dataset& data, const BranchLeg& leg) {
  FitOptions options;
  options.memory = leg.fit.memory;
  options.lanes = leg.fit.lanes;
  options.grain = leg.fit.grain;
  options.class_weight = leg.fit.class_weight;
  options.interrupt = leg.fit.interrupt;
  options.shuffle = leg.fit.shuffle;
  options.seed = leg.fit.seed + leg.order;
  options.batch_size = leg.batch_size;
  options.verbose = 0;
  options.allow_nan = leg.fit.allow_nan;
  options.callbacks = {std::make_shared<TerminateOnNaN>()};
  if (leg.deadline) options.callbacks.push_back(std::make_shared<StopAt>(*leg.deadline));
  const int64_t pass = data.has_rows() ? data.size() : data.cardinality();
  const int64_t passes = pass > 0 ? leg.samples / pass : 0;
  const int64_t rest = pass > 0 ? leg.samples % pass : leg.samples;
  LegResult result;
  if (passes > 0) {
    options.epochs = passes;
    add_fit(branch, data, options, result);
  }
  const int64_t steps = (rest + leg.batch_size / 2) / leg.batch_size;
  const bool late = passes > 0 && leg.deadline && std::chrono::steady_clock::now() >= *leg.deadline;
  if (result.lost || late || (steps == 0 && passes > 0)) return result;
  options.epochs = 1;
  options.seed += 1u << 16;  // another order than that of whole passes
  if (steps * leg.batch_size < pass || pass <= 0) options.steps_per_epoch = std::max<int64_t>(1, steps);
  add_fit(branch, data, options, result);
  return result;
}

Logs measure(const Model& model, const Dataset& holdout, const FitOptions& fit) {
  EvaluateOptions options;
  options.memory = fit.memory;
  options.lanes = fit.lanes;
  options.allow_nan = fit.allow_nan;
  Logs logs = model.evaluate(holdout, options);
  for (auto& [name, value] : logs)
    if (name == "loss" && !std::isfinite(value)) value = kLost;
  return logs;
}

HeldOut hold_out(const Dataset& data, const FitOptions& fit, std::string_view where) {
  if (!fit.validation_data.empty()) return {data, fit.validation_data};
  require(data.has_rows(), where,
          "samples that come one after another cannot be held out to compare losses on: give validation data. Got ",
          data.describe(), ".");
  const int64_t rows = data.size();
  if (fit.validation_split > 0) {
    const int64_t train = static_cast<int64_t>(std::floor(static_cast<double>(rows) * (1 - fit.validation_split)));
    require(train > 0 && train < rows, where, "validation_split must leave samples on both sides. Got ",
            fit.validation_split, " of ", rows, " samples.");
    return {data.slice(0, train), data.slice(train, rows - train)};
  }
  require(rows >= 2 * kHeldShare, where, "there must be at least ", 2 * kHeldShare,
          " samples to hold some out, or validation data. Got ", rows, ".");
  // Samples may be sorted: those held out are spread over all.
  const int64_t every = std::max(kHeldShare, rows / kMostHeld);
  auto rest = std::make_shared<RowsBetween>(data.source().shared_from_this(), every);
  return {Dataset(std::move(rest), data.num_inputs(), data.num_targets()), data.shard(every, 0)};
}

}  // namespace batchwise
