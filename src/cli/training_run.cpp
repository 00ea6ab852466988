// One training run.
#include "cli/training_run.h"

#include <unistd.h>

#include <iostream>

#include <batchwise/byte_size.h>
#include <batchwise/optimizer.h>

#include "base/atomic_file.h"
#include "base/number_text.h"
#include "base/utf8.h"
#include "cli/interrupt.h"
#include "cli/reader_choice.h"
#include "cli/run_record.h"
#include "formats/json/json.h"
#include "plan/budget.h"
#include "report/console.h"
#include "report/event_log.h"
#include "report/events.h"
#include "report/json_lines.h"
#include "report/noise_by_layer.h"
#include "report/plan_text.h"
#include "report/profile_record.h"
#include "report/tensorboard.h"
#include "saving/class_names.h"
#include "saving/weights_hash.h"
#include "training/fit/cut_profile.h"

namespace batchwise {
namespace {

// A rise that ends after the training does: its rate is never reached.
void note_warm_up(const TrainSettings& settings, const Dataset& data, double held_out) {
  if (settings.rules.warm_up == 0 || !data.has_rows()) return;
  const double trained_on = static_cast<double>(data.size()) * (1 - held_out);
  const double all = trained_on * static_cast<double>(settings.epochs);
  if (static_cast<double>(settings.rules.warm_up) <= all) return;
  std::cerr << "note: --warm-up " << settings.rules.warm_up << " is longer than this training of "
            << static_cast<int64_t>(all) << " samples: the learning rate never reaches its value.\n";
}

// Where a resume changes the batch size, the learning rate of the checkpoint follows once it was read.
class RateChange final : public Callback {
 public:
  explicit RateChange(double factor) : factor_(factor) {}
  void on_train_begin(const RunFacts&, RunControl& run) override {
    run.set_learning_rate(run.learning_rate() * factor_);
  }
  std::string name() const override { return "RateChange"; }

 private:
  double factor_;
};

// Whether training has begun: a run that was refused before leaves nothing and replaces nothing, one that failed later
// can be resumed.
class Begun final : public Callback {
 public:
  explicit Begun(TrainingRun& run) : run_(run) {}
  void on_train_begin(const RunFacts&, RunControl&) override {
    begun = true;
    if (run_.folder) run_.folder->settle();
  }
  std::string name() const override { return "Begun"; }
  bool begun = false;

 private:
  TrainingRun& run_;
};

void tell_profile(const TrainingRun& run, const Profile& profile, EventLog* log) {
  const Config event = profile_event(profile);
  if (run.json) write_event(std::cout, event);
  else std::cerr << profile;
  if (!run.folder) return;
  log->append(event);
  AtomicFile trace(run.folder->trace());
  write_trace(profile, [&](std::string_view piece) { trace.write(piece); });
  trace.commit();
  std::cerr << "saved " << run.folder->trace() << ", which ui.perfetto.dev and chrome://tracing draw\n";
}

// What stopped the run is what is told, whatever goes wrong here.
void tell_cut_profile(const TrainingRun& run, const CutProfile& cut, EventLog* log) noexcept try {
  if (cut.profile()) tell_profile(run, *cut.profile(), log);
} catch (...) {}

void tell_noise_by_layer(const TrainingRun& run, const History& history, EventLog* log) {
  const Config event = noise_by_layer_event(history);
  if (run.json) write_event(std::cout, event);
  else std::cerr << noise_by_layer_text(history);
  if (log) log->append(event);
}

void say_end(const TrainingRun& run, const History& history, const RunEnd& end) {
  const double speed = history.samples_per_second;  // 0: too few steps to tell
  const std::string shown = speed < 100 ? rounded_number(speed) : std::to_string(static_cast<int64_t>(speed));
  std::cerr << (speed > 0 ? shown + " samples/s, " : "") << "peak memory " << show_byte_size(end.peak_rss_bytes)
            << " (plan: " << show_byte_size(history.plan.peak_bytes) << ")\n";
  if (run.folder) std::cerr << "saved " << run.folder->model() << "\n";
}

}  // namespace

void train(TrainingRun& run) {
  if (run.folder) require_utf8(run.settings.config(), "--out", "Rename the file or folder, or train without --out.");
  const auto growth = run.settings.grow_batch();
  if (growth) growth->check(run.model.compiled()->optimizer);
  FitOptions options = run.settings.fit_options();
  options.validation_data = run.validation;
  if (!run.validation.empty()) options.validation_split = 0;  // already made, by the folder's rules
  options.interrupt = &catch_interrupts();
  options.profile = run.profile;
  note_readers_without_effect(run.settings, run.data);
  note_warm_up(run.settings, run.data, options.validation_split);
  bound_readers(run.settings, run.data, options.validation_data);

  std::shared_ptr<EventLog> log;
  // Checkpoints keep the state of callbacks by position: those that have one come first, in an order that never
  // changes.
  if (run.folder) {
    log = std::make_shared<EventLog>(run.folder->events());
    options.checkpoint.directory = run.folder->checkpoints();
    options.checkpoint.resume = run.resume;
    options.checkpoint.allow_changed_files = run.allow_changed_files;
    options.callbacks = {log, make_run_record(run), make_tensorboard(run.folder->tensorboard())};
  } else {
    options.checkpoint = {};
  }
  if (growth) options.callbacks.push_back(growth);
  if (run.json) options.callbacks.push_back(make_json_lines(std::cout));
  else options.callbacks.push_back(make_plan_text(std::cerr));
  options.callbacks.push_back(make_console(1, std::cerr, isatty(STDERR_FILENO) == 1));

  // A schedule follows by its own arguments.
  if (run.rate_factor != 1 && !make_optimizer(run.model.compiled()->optimizer)->schedule())
    options.callbacks.push_back(std::make_shared<RateChange>(run.rate_factor));

  const auto state = std::make_shared<Begun>(run);
  options.callbacks.push_back(state);
  const auto cut = std::make_shared<CutProfile>();
  options.callbacks.push_back(cut);

  History history;
  try {
    history = run.model.fit(run.data, options);
  } catch (const std::exception&) {
    if (run.folder && !run.resume && !state->begun) run.folder->undo();
    options.callbacks.clear();  // the progress bar ends its line
    tell_cut_profile(run, *cut, log.get());
    throw;
  }
  RunEnd end;
  end.weights_sha256 = weights_sha256(run.model);
  if (run.folder) save_with_class_names(run.model, run.folder->model(), run.settings.class_names);
  end.peak_rss_bytes = process_memory().peak;
  const Config event = end_event(history, end);
  if (history.profile) tell_profile(run, *history.profile, log.get());
  if (!history.noise_scale_by_layer.empty()) tell_noise_by_layer(run, history, log.get());
  if (run.folder) {
    if (!history.pipeline.empty()) log->append(pipeline_event(history));
    log->append(event);
    write_file_atomically(run.folder->history(), json_line(history_config(history)) + "\n");
  }
  if (run.json) write_event(std::cout, event);
  say_end(run, history, end);
}

}  // namespace batchwise
