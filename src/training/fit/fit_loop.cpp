// The loop of fit.
#include "training/fit/fit_loop.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "model/held_weights.h"
#include "plan/budget.h"
#include "training/inference/evaluation.h"
#include "training/samples/pipeline_report.h"

namespace batchwise {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

}  // namespace

const FitOptions& FitLoop::checked(const FitOptions& o) {
  require(o.batch_size >= 1, "fit", "batch_size must be at least 1. Got ", o.batch_size, ".");
  require(o.epochs >= 0, "fit", "epochs must be 0 or more. Got ", o.epochs, ".");
  require(o.initial_epoch >= 0, "fit", "initial_epoch must be 0 or more. Got ", o.initial_epoch, ".");
  require(o.validation_split >= 0 && o.validation_split < 1, "fit", "validation_split must be in [0, 1). Got ",
          o.validation_split, ".");
  require(o.memory >= 0 && o.lanes >= 0 && o.grain >= 0, "fit",
          "memory, lanes and grain must be 0 (found or chosen) or more. Got ", o.memory, ", ", o.lanes, " and ",
          o.grain, ".");
  require(o.validation_freq >= 1, "fit", "validation_freq must be at least 1. Got ", o.validation_freq, ".");
  require(o.validation_steps >= 0 && o.steps_per_epoch >= 0 && o.validation_batch_size >= 0, "fit",
          "steps_per_epoch, validation_steps and validation_batch_size must be 0 or more. Got ", o.steps_per_epoch,
          ", ", o.validation_steps, " and ", o.validation_batch_size, ".");
  require(o.checkpoint.every_seconds >= 0 && o.checkpoint.every_steps >= 0, "fit",
          "checkpoint intervals must be 0 or more. Got ", o.checkpoint.every_seconds, " seconds and ",
          o.checkpoint.every_steps, " steps.");
  const bool resumes = o.checkpoint.resume || o.checkpoint.every_seconds > 0 || o.checkpoint.every_steps > 0;
  require(!resumes || !o.checkpoint.directory.empty(), "fit",
          "checkpoint.directory must be given with the other checkpoint options. Got none.");
  for (const auto& callback : o.callbacks) require(callback != nullptr, "fit", "callbacks must not be null.");
  return o;
}

FitLoop::FitLoop(Model& model, const Dataset& data, const FitOptions& options)
    : model_(model),
      given_(data),
      options_(checked(options)),
      data_(model, data, options_),
      sized_(model.for_data(data_.whole())),
      observers_(options.callbacks, options.verbose) {
  require(model.compiled().has_value(), "fit",
          "the model must be compiled first: call compile({.optimizer = ..., .loss = ...}).");
  check_columns(sized_, data_.whole(), true);
  if (!data_.validation_samples().empty()) check_columns(sized_, data_.validation(), true);
  check_class_weight(options_, sized_, data_.whole());
  require_not_held(model, "fit");
  if (!model.initialized()) model.initialize_new(options_.seed);
  if (!options_.allow_nan) require_finite_weights(model);
  samples_before_ = model.optimizer_state().samples;
  state_left_out_ = model.optimizer_state().left_out;
  require(!data_.streamed() || data_.samples_in_pass() != kInfinite || options_.steps_per_epoch > 0, "fit",
          "an endless data set needs steps_per_epoch. Got none.");
  plan_largest();
  plan();
  // Whoever shuffles by a stage has decided the order; what comes one after another has its own.
  if (options_.shuffle != Shuffle::No && !data_.streamed() && !data_.samples().ordered())
    order_.emplace(data_.training().size(), options_.shuffle, options_.seed, options_.batch_size);
}

void FitLoop::plan() {
  std::unique_ptr<Blueprint> made = chosen_blueprint();
  history_.plan = made->plan();
  observers_.each([&](Callback& c) { c.on_plan(history_.plan); });
  if (const std::string& folder = options_.checkpoint.directory; !folder.empty()) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    require(!error && access(folder.c_str(), W_OK | X_OK) == 0, folder,
            "checkpoints need a folder that can be written. Got: ", error ? error.message() : "one that cannot", ".");
  }
  open_session(std::move(made));
  decoded_.open();
}

RunProgress FitLoop::progress() const {
  return {cursor_.epoch,
          cursor_.updates,
          static_cast<int64_t>(cursor_.samples - samples_before_),
          seconds_before_ + seconds_since(began_),
          options_.batch_size,
          steps_of_epoch()};
}

int64_t FitLoop::steps_of_epoch() const {
  if (options_.steps_per_epoch > 0) return options_.steps_per_epoch;
  if (data_.samples_in_pass() < 0) return 0;
  return cursor_.step + (data_.samples_in_pass() - cursor_.position + options_.batch_size - 1) / options_.batch_size;
}

void FitLoop::begin() {
  cursor_.epoch = options_.initial_epoch;
  cursor_.pass = static_cast<uint64_t>(options_.initial_epoch);
  cursor_.samples = std::max(samples_before_, static_cast<uint64_t>(options_.initial_epoch) *
                                                  static_cast<uint64_t>(std::max<int64_t>(0, data_.samples_in_pass())));
  schedule_batch_ = options_.batch_size;
  // Batches of an epoch are drawn without putting back, when the samples are known by number.
  noise_.emplace(session().noise_slots(), data_.streamed() ? 0 : data_.training().size());
  for (std::vector<double>* squares : {&noise_terms_.grain_squares, &noise_terms_.squares})
    squares->reserve(session().noise_slots().names.size());
  sums_ = session().objectives().empty_sums();
  logs_ = session().objectives().logs(sums_);
  if (!options_.checkpoint.directory.empty()) record_.begin(data_);
  began_ = Clock::now();
  if (!(options_.checkpoint.resume && resume()) && !state_left_out_.empty()) observers_.message(state_left_out_);
  if (!options_.checkpoint.directory.empty()) record_.keep_file_names();
  start_pass();
  session().update().set_schedule_step(static_cast<double>(options_.batch_size) / static_cast<double>(schedule_batch_));
  last_checkpoint_ = Clock::now();
  last_checkpoint_updates_ = cursor_.updates;
}

Logs FitLoop::one_batch() {
  begin();
  batch();
  finish();
  return logs_;
}

History FitLoop::run() {
  begin();
  const RunFacts facts{options_.epochs,
                       steps_of_epoch(),
                       std::max<int64_t>(0, data_.samples_in_pass()),
                       options_.batch_size,
                       options_.verbose,
                       std::string(session().update().optimizer().class_name()),
                       session().update().optimizer().schedule() != nullptr};
  beginning_ = true;
  observers_.each([&](Callback& c) { c.on_train_begin(facts, *this); });
  beginning_ = false;
  try {
    if (stopped_ && mid_epoch_) epoch();  // of the checkpoint: all that is left of it is its end
    while (cursor_.epoch < options_.epochs && !stopped_) epoch();
    if (session().update().optimizer().options().use_ema) {
      session().update().overwrite_with_averages(session().variables());
      session().weights_changed();
    }
    check_weights();
  } catch (...) {
    hand_over_profile();
    throw;
  }
  if (profile_) {
    profile_->closes(session());
    history_.profile = profile_->finish();
  }
  Logs last = logs_;
  observers_.each([&](Callback& c) { c.on_train_end(last, *this); });
  history_.noise_scale_by_layer = noise_->by_slot();
  data_.samples().report(history_.pipeline);
  const std::optional<StageFacts> read = session().feed().facts();
  if (read) {
    history_.pipeline.push_back(*read);
    history_.data_seconds += read->work_seconds / session().lanes().count();
  }
  if (data_.streamed() || read)
    observers_.message(pipeline_report(history_.pipeline, history_.data_seconds, seconds_since(began_)));
  if (timed_seconds_ > 0) history_.samples_per_second = static_cast<double>(timed_samples_) / timed_seconds_;
  finish();
  return std::move(history_);
}

void FitLoop::finish() {
  if (!session_) return;  // it could not be opened again, and gave back what it had
  model_.optimizer_state().samples = cursor_.samples;
  session_->finish();
}

// A run that failed hands over the last completed step, like one that was stopped there.
FitLoop::~FitLoop() {
  try {
    finish();
  } catch (...) {
    // Giving back only fails when memory is gone; the session tries once more.
  }
}

void FitLoop::epoch() {
  if (!mid_epoch_) {
    sums_ = session().objectives().empty_sums();
    observers_.each([&](Callback& c) { c.on_epoch_begin(cursor_.epoch, *this); });
  }
  mid_epoch_ = false;
  const int64_t steps = steps_of_epoch();
  if (!stopped_ && cursor_.step == 0 && !more()) {
    if (cursor_.position > 0) next_pass();  // the last epoch took all that there was
    if (!more()) ran_dry();
  }
  while (!stopped_ && (options_.steps_per_epoch > 0 ? cursor_.step < steps : more()))
    if (!batch()) break;
  end_epoch();
}

bool FitLoop::batch() {
  const Clock::time_point start = Clock::now();
  const std::optional<BatchRange> found = next_range();
  if (!found) {
    cursor_.step > 0 ? end_early() : ran_dry();
    return false;
  }
  const BatchRange& range = *found;
  const bool measures_noise = cursor_.updates % session().noise_interval() == 0;
  const StepResult& result = session().step(range, options_.class_weight.empty() ? nullptr : &options_.class_weight,
                                            measures_noise ? &noise_terms_ : nullptr);
  if (profile_) profile_->step(session(), range.count);
  if (measures_noise) noise_->add(noise_terms_);
  add_to(sums_, result);
  const int64_t step = cursor_.step;
  cursor_.advance(range.count);
  session().objectives().read(sums_, logs_);
  // The first step warms caches and is not what a run feels like.
  if (steps_run_++ > 0) {
    timed_seconds_ += seconds_since(start);
    timed_samples_ += range.count;
  }
  observers_.each([&](Callback& c) { c.on_train_batch_end(step, logs_, *this); });
  after_batch();
  return true;
}

template <class Work>
void FitLoop::between_steps(WorkKinds::OfAll kind, const Work& work) {
  const int64_t begin = WorkClock::now();
  work();
  if (profile_) session_->work_kinds()->clock().add_to_all(kind, begin);
}

void FitLoop::after_batch() {
  if (options_.interrupt && options_.interrupt->load(std::memory_order_relaxed)) {
    if (!options_.checkpoint.directory.empty()) between_steps(WorkKinds::kCheckpoint, [&] { checkpoint(); });
    throw Error(ErrorKind::Interrupted,
                error_detail::sentence("fit", "interrupted after ", cursor_.updates, " updates",
                                       options_.checkpoint.directory.empty() ? "." : "; a checkpoint was written."));
  }
  if (checkpoint_due()) between_steps(WorkKinds::kCheckpoint, [&] { checkpoint(); });
}

bool FitLoop::checkpoint_due() const {
  const CheckpointOptions& o = options_.checkpoint;
  if (o.directory.empty()) return false;
  if (o.every_steps > 0 && cursor_.updates - last_checkpoint_updates_ >= o.every_steps) return true;
  return o.every_seconds > 0 && seconds_since(last_checkpoint_) >= o.every_seconds;
}

void FitLoop::end_epoch() {
  if (sums_.samples == 0) return;  // the data ran out before it: there is nothing to tell
  Logs logs = session().objectives().logs(sums_);
  if (!data_.validation().empty() && (cursor_.epoch + 1) % options_.validation_freq == 0)
    between_steps(WorkKinds::kValidation, [&] { validate(logs); });
  tell_of_given_way();
  const int64_t done = cursor_.epoch;
  history_.progress.push_back(progress());
  history_.noise_scale.push_back(noise_scale());
  observers_.each([&](Callback& c) { c.on_epoch_end(done, logs, *this); });
  record(logs);
  cursor_.epoch += 1;
  cursor_.step = 0;
  const int64_t in_pass = data_.samples_in_pass();
  if (options_.steps_per_epoch == 0 || pass_ended_ || (in_pass >= 0 && cursor_.position >= in_pass)) next_pass();
  const CheckpointOptions& o = options_.checkpoint;
  const bool every_epoch = o.every_steps == 0 && o.every_seconds == 0;
  if (!o.directory.empty() && (every_epoch || checkpoint_due()))
    between_steps(WorkKinds::kCheckpoint, [&] { checkpoint(); });
}

void FitLoop::validate(Logs& logs) {
  const int64_t batch = data_.validation_batch();
  Samples& apart = data_.validation_samples();
  int64_t samples = apart.empty() ? data_.validation().size() : apart.count();
  if (options_.validation_steps > 0)
    samples = samples < 0 ? options_.validation_steps * batch : std::min(samples, options_.validation_steps * batch);
  const int64_t stated = std::max<int64_t>(0, samples);
  const RunFacts facts{1, (stated + batch - 1) / batch, stated, batch, options_.verbose};
  observers_.each([&](Callback& c) { c.on_test_begin(facts); });
  const SumsSeen seen = told_to(observers_, session().objectives(), batch);
  const Logs result =
      session().objectives().logs(apart.streamed() ? evaluate(session(), apart, samples, batch, seen)
                                                   : session().evaluate(data_.validation(), samples, batch, seen));
  observers_.each([&](Callback& c) { c.on_test_end(result); });
  for (const auto& [name, value] : result) logs.emplace_back("val_" + name, value);
}

void FitLoop::record(const Logs& logs) {
  history_.epoch.push_back(cursor_.epoch);
  for (const auto& [name, value] : logs) {
    auto it = std::find_if(history_.history.begin(), history_.history.end(),
                           [&](const auto& entry) { return entry.first == name; });
    if (it == history_.history.end()) it = history_.history.insert(it, {name, {}});
    it->second.push_back(value);
  }
}

}  // namespace batchwise
