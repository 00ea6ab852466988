// One sweep of the program.
#include "cli/sweep_run.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <system_error>

#include "base/atomic_file.h"
#include "base/unfinished_files.h"
#include "batch_size/sweep/sweep.h"
#include "batch_size/sweep/sweep_record.h"
#include "cli/exit_code.h"
#include "cli/interrupt.h"
#include "cli/model_choice.h"
#include "cli/reader_choice.h"
#include "formats/json/json.h"
#include "report/console.h"
#include "report/events.h"
#include "report/json_lines.h"
#include "training/checkpoint/run_lock.h"
#include "training/program/objective.h"

namespace batchwise {
namespace {

namespace fs = std::filesystem;

std::string sweep_json(const std::string& folder) { return folder + "/sweep.json"; }
std::string start_model(const std::string& folder) { return folder + "/start.keras"; }

// Opens what a cell is trained on and with; data that does not depend on the seed is opened once.
class CellSource {
 public:
  CellSource(const SweepSettings& settings, std::string model) : settings_(settings), model_(std::move(model)) {}
  void start_from(std::string model) { model_ = std::move(model); }  // one and the same, elsewhere

  PreparedCell operator()(const SweepPoint& point, uint64_t seed) {
    const TrainSettings& train = settings_.train;
    CompileChoice compile = train.compile;
    if (point.optimizer) compile.optimizer = settings_.optimizers[*point.optimizer];
    compile.learning_rate = point.learning_rate;
    PreparedCell made = opened(seed);
    compile_with(made.model, compile);
    if (!made.model.initialized()) made.model.initialize_new(seed);
    if (!train.validation_data.empty()) {
      if (validation_.empty()) {
        TrainSettings named = train;
        named.class_names = class_names_;
        validation_ = open_validation(made.model, named);
        bound_readers(train, made.data, validation_);
      }
      made.validation = validation_;
    }
    return made;
  }

 private:
  PreparedCell opened(uint64_t seed) {
    TrainSettings train = settings_.train;
    train.seed = seed;
    // Only folders of files lie in an order of the seed.
    std::error_code error;
    const uint64_t key = fs::is_directory(train.data.data, error) ? seed : 0;
    const auto known = data_.find(key);
    if (known != data_.end()) {
      const Opened& kept = known->second;
      return {kept.model ? kept.model->copy() : Model::load(model_), kept.data, kept.held_out};
    }
    ModelAndData fresh = open_model_and_data(model_, train.data, training_use(train));
    class_names_ = fresh.class_names;
    bound_readers(train, fresh.data, fresh.held_out);
    // A built-in model without weights is kept as it is: every cell trains a copy. One of a file is read anew, for its
    // weights would take memory beside those of the cell.
    std::optional<Model> kept;
    if (!is_model_file(model_)) kept = fresh.model.copy();
    data_.emplace(key, Opened{std::move(kept), fresh.data, fresh.held_out});
    return {fresh.model, fresh.data, fresh.held_out};
  }

  struct Opened {
    std::optional<Model> model;
    Dataset data, held_out;
  };

  const SweepSettings& settings_;
  std::string model_;
  std::map<uint64_t, Opened> data_;
  Dataset validation_;
  std::vector<std::string> class_names_;
};

Config with_cell(Config event, const SweepCell& cell) {
  event.set("run", cell.name);
  event.set("batch_size", cell.batch_size);
  return event;
}

class CellLines final : public Callback {
 public:
  explicit CellLines(const SweepCell& cell) : cell_(cell) {}
  void on_plan(const Plan& plan) override { write_event(std::cout, with_cell(plan_event(plan), cell_)); }
  void on_epoch_end(int64_t epoch, Logs& logs, RunControl&) override {
    write_event(std::cout, with_cell(epoch_event(epoch + 1, logs), cell_));
  }
  std::string name() const override { return "CellLines"; }

 private:
  const SweepCell& cell_;
};

Config end_of(const SweepCell& cell) {
  History history;
  for (const SweepEpoch& epoch : cell.epochs)
    for (const auto& [name, value] : epoch.logs) {
      auto at = std::find_if(history.history.begin(), history.history.end(),
                             [&](const auto& entry) { return entry.first == name; });
      if (at == history.history.end()) at = history.history.insert(at, {name, {}});
      at->second.push_back(value);
    }
  Config event = Config::object({{"event", "end"},
                                 {"run", cell.name},
                                 {"batch_size", cell.batch_size},
                                 {"state", cell.state},
                                 {"history", history_config(history)}});
  if (!cell.why.empty()) event.set("why", cell.why);
  if (cell.samples_per_second > 0) event.set("samples_per_second", cell.samples_per_second);
  if (!cell.weights_sha256.empty()) event.set("weights_sha256", cell.weights_sha256);
  return event;
}

void say(const SweepCell& cell, size_t position, size_t count) {
  std::cerr << "cell " << position + 1 << " of " << count << ": " << cell.name;
  if (cell.state != "open") std::cerr << " " << cell.state;
  if (!cell.why.empty()) std::cerr << ": " << cell.why;
  if (cell.why.empty() && !cell.epochs.empty())
    for (const auto& [name, value] : cell.epochs.back().logs) std::cerr << " - " << name << ": " << value;
  std::cerr << "\n";
}

// Of processes that were killed while they wrote.
void remove_leftovers(const std::string& folder) {
  std::error_code error;
  if (!fs::exists(folder + "/cells", error)) return;
  const RunLock alone(folder);
  remove_unfinished_files(folder, {"sweep.json", "start.keras"});
  for (fs::directory_iterator cell(folder + "/cells", error), end; !error && cell != end; cell.increment(error))
    remove_unfinished_files(cell->path().string(), {"result.json"});
}

void clear(const std::string& folder) {
  std::error_code error;
  if (!fs::exists(folder, error)) return;
  const RunLock alone(folder);
  for (const std::string& part : {sweep_json(folder), folder + "/cells", start_model(folder)}) {
    fs::remove_all(part, error);
    require(!error, part, "the older sweep must be one that can be removed. Got: ", error.message(), ".");
  }
}

// Cells start from a copy: the file that was given may change while the sweep lasts.
std::string kept_model(const Model& start, const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder + "/cells", error);  // first: what start.keras is of shows by it
  require(!error, folder, "the folder of a sweep must be one that can be made. Got: ", error.message(), ".");
  start.save(start_model(folder));
  return start_model(folder);
}

// A target that no run can reach is refused before the first of them.
void check_target(const SweepSettings& settings, const PreparedCell& cell, const SweepTarget& target) {
  const Objectives objectives(cell.model, cell.data);
  const bool validates = !cell.validation.empty() || settings.train.validation_split.value_or(0) > 0;
  std::string known;
  for (const auto& [name, value] : objectives.logs(objectives.empty_sums()))
    for (const std::string& logged : {name, "val_" + name}) {
      if (!validates && logged != name) continue;
      if (logged == target.metric) return;
      known += (known.empty() ? "" : ", ") + logged;
    }
  fail("--reach", "the metric must be one that the runs log: ", known, ". Got \"", target.metric, "\".",
       validates ? "" : " Those of validation need --validation-split or --validation-data.");
}

// Settings without what changes speed alone: a sweep goes on in whatever memory there is now.
Config results_of(const Config& settings) {
  Config left = parse_json(settings.text(), "settings");
  if (const Config* train = left.find("train")) {
    Config own = *train;
    for (const char* key : {"memory", "lanes", "loader_batch", "workers", "checkpoint_every"}) own.erase(key);
    left.set("train", own);
  }
  return left;
}

// A sweep goes on with the settings that it was begun with, but for speed: what is given stays so.
void go_on_with(const Config& settings, const std::string& folder) {
  const RunLock alone(folder);
  Config record = read_json(sweep_json(folder));
  require(results_of(read_sweep_settings(sweep_json(folder))) == results_of(settings), folder,
          "a sweep goes on with the settings that it was begun with: give another folder. Got one that holds a sweep "
          "with other settings.");
  record.set("settings", settings);
  write_file_atomically(sweep_json(folder), indented_json(record));
}

}  // namespace

bool holds_sweep(const std::string& folder) {
  std::error_code error;
  return fs::exists(sweep_json(folder), error);
}

int run_sweep_of(const SweepSettings& settings, const std::string& folder, bool overwrite, bool json) {
  std::error_code error;
  require(folder.empty() || !fs::exists(folder + "/run.json", error), folder,
          "the folder of a sweep must not hold a run. Got one with run.json.");
  if (!folder.empty()) remove_leftovers(folder);
  const bool others = !overwrite && !folder.empty() && !holds_sweep(folder) && !fs::exists(folder + "/cells", error) &&
                      fs::exists(fs::symlink_status(start_model(folder), error));
  require(!others || !is_model_file(settings.train.model), start_model(folder),
          "cells would start from it, and it is of no sweep: give another folder, or --overwrite. Got a file of that "
          "name.");
  const bool of_file = !folder.empty() && is_model_file(settings.train.model);
  const bool holds = !overwrite && !folder.empty() && holds_sweep(folder);
  const bool goes_on = of_file && holds && fs::exists(start_model(folder), error);
  CellSource source(settings, goes_on ? start_model(folder) : settings.train.model);
  SweepOptions options;
  Spec optimizer;
  {  // gone before the cells are planned: it takes memory
    const PreparedCell first = source({std::nullopt, std::nullopt}, settings.train.seed);
    note_readers_without_effect(settings.train, first.data);
    const double held_out = first.validation.empty() ? settings.train.validation_split.value_or(0) : 0;
    const auto trained_on = static_cast<int64_t>(std::floor(static_cast<double>(first.data.size()) * (1 - held_out)));
    require(settings.samples == 0 || trained_on > 0, "--samples",
            "the data must have a known number of samples: give --epochs instead. Got ", first.data.describe(), ".");
    options = settings.options(trained_on);
    if (options.target) check_target(settings, first, *options.target);
    optimizer = first.model.compiled()->optimizer;
  }
  options.directory = folder;
  if (holds) go_on_with(options.settings, folder);
  check_sweep(optimizer, options);
  // Read first: it may be the one that is cleared away. From here on a sweep of other settings may be replaced.
  std::optional<Model> start;
  if (of_file && !goes_on) start = Model::load(settings.train.model);
  if (overwrite) clear(folder);
  if (start) source.start_from(kept_model(*start, folder));
  options.fit.interrupt = &catch_interrupts();
  options.on_cell = [json](const SweepCell& cell, size_t position, size_t count) {
    say(cell, position, count);
    if (json && cell.state != "open") write_event(std::cout, end_of(cell));
  };
  const bool terminal = isatty(STDERR_FILENO) == 1;
  options.callbacks = [json, terminal](const SweepCell& cell) {
    std::vector<std::shared_ptr<Callback>> callbacks;
    if (json) callbacks.push_back(std::make_shared<CellLines>(cell));
    callbacks.push_back(make_console(terminal ? 1 : 0, std::cerr, terminal));
    return callbacks;
  };
  const PrepareCell prepare = [&source](const SweepPoint& point, uint64_t seed) { return source(point, seed); };
  const SweepResult result = run_sweep(prepare, optimizer, options);
  if (json) {
    Config event = Config::object({{"event", "sweep"}});
    const Config summary = summary_record(result);
    for (const auto& [key, value] : summary.as_object()) event.set(key, value);
    write_event(std::cout, event);
  } else {
    std::cout << result;
  }
  const auto& cells = result.cells;
  const auto infeasible = [](const SweepCell& cell) { return cell.state == "infeasible"; };
  if (!std::all_of(cells.begin(), cells.end(), infeasible)) return kDone;
  // A budget refuses with the smallest that fits; the others have more samples in a batch than there are.
  const auto by_budget = [](const SweepCell& cell) { return cell.smallest_budget > 0; };
  return std::any_of(cells.begin(), cells.end(), by_budget) ? kDoesNotFit : kWrongUse;
}

int resume_sweep(const std::string& folder, const TrainSettings& speed, bool json) {
  SweepSettings settings = SweepSettings::from(read_sweep_settings(sweep_json(folder)));
  settings.train.take_speed(speed);
  return run_sweep_of(settings, folder, false, json);
}

}  // namespace batchwise
