// One tune of the program.
#include "cli/tuning_run.h"

#include <filesystem>
#include <iostream>

#include "base/atomic_file.h"
#include "base/number_text.h"
#include "base/utf8.h"
#include "cli/interrupt.h"
#include "cli/model_choice.h"
#include "cli/reader_choice.h"
#include "cli/run_record.h"
#include "cli/settings_words.h"
#include "cli/target_choice.h"
#include "cli/version.h"
#include "formats/json/json.h"
#include "report/json_lines.h"

namespace batchwise {
namespace {

Config branch_event(const TuneBranch& branch) {
  const std::string run = "b" + std::to_string(branch.batch_size) + "_lr" + rounded_number(branch.learning_rate) +
                          "_round" + std::to_string(branch.round) +
                          (branch.repeat > 0 ? "_again" + std::to_string(branch.repeat) : "");
  Config event = Config::object({{"event", "branch"},
                                 {"run", run},
                                 {"batch_size", branch.batch_size},
                                 {"learning_rate", branch.learning_rate},
                                 {"round", branch.round},
                                 {"samples", branch.samples},
                                 {"updates", branch.updates},
                                 {"seconds", branch.seconds},
                                 {"loss", branch.loss}});
  if (branch.way) event.set("way", *branch.way);
  return event;
}

Config advice_event(const TuneResult& result) {
  const auto words = [](const std::vector<std::string>& reasons) {
    Config::List list;
    for (const std::string& reason : reasons) list.emplace_back(reason);
    return list;
  };
  Config event = Config::object({{"event", "tune"},
                                 {"batch_size", result.advice.batch_size},
                                 {"learning_rate", result.advice.learning_rate},
                                 {"schedule", result.advice.schedule},
                                 {"reasons", words(result.advice.reasons)},
                                 {"sure", result.advice.sure},
                                 {"seconds", result.seconds},
                                 {"samples", result.samples}});
  if (result.runner_up)
    event.set("runner_up", Config::object({{"batch_size", result.runner_up->batch_size},
                                           {"learning_rate", result.runner_up->learning_rate},
                                           {"reasons", words(result.runner_up->reasons)}}));
  return event;
}

void write_words(std::ostream& out, const TuningRun& run, const TuneResult& result) {
  const Advice& advice = result.advice;
  out << "Batch size " << advice.batch_size << " at learning rate " << rounded_number(advice.learning_rate) << " ("
      << run.choice.goal << ")\n";
  for (const std::string& reason : advice.reasons) out << "  - " << reason << "\n";
  out << "Schedule: " << advice.schedule << "\n";
  if (result.runner_up) out << "Runner-up: " << result.runner_up->reasons.front() << "\n";
  out << "How sure: " << advice.sure << "\n";
  out << "It took " << rounded_number(result.seconds) << " s and " << result.samples << " samples.\n";
  out << "To train so:\n  batchwise train" << training_words(run.settings) << " --batch-size " << advice.batch_size
      << " --learning-rate " << rounded_number(advice.learning_rate);
  const size_t growth = advice.schedule.find("--grow-batch");
  if (growth != std::string::npos) out << " " << advice.schedule.substr(growth);
  out << " --epochs N\n";
}

void begin_folder(TuningRun& run) {
  if (!run.folder || run.resume) return;
  require_utf8(run.settings.config(), "--out", "Rename the file or folder, or tune without --out.");
  run.folder->create(run.overwrite);
  run.model.save(run.folder->start_model());
  const Config record = Config::object({{"format", 1},
                                        {"batchwise", kVersion},
                                        {"kind", "tune"},
                                        {"settings", run.settings.config()},
                                        {"tune", run.choice.config()}});
  write_file_atomically(run.folder->run_json(), indented_json(record));
}

// What was found by training is kept, whatever comes after it.
bool has_branches(const RunFolder& folder) {
  std::error_code error;
  return std::filesystem::exists(folder.tune_json(), error) &&
         !read_json(folder.tune_json()).at("branches").as_list("branches").empty();
}

}  // namespace

void TuneChoice::declare(Arguments& a) {
  a.text("--goal", goal, "fastest|samples|best",
         "The lowest loss at equal time, at equal samples, or the best metric after --samples. Otherwise fastest");
  a.integers(
      "--batch-sizes", batch_sizes, 1,
      "To choose from. Otherwise the powers of two from 16 to 8192 that leave 8 updates in a pass and fit the budget",
      false, Arguments::kMostSamples);
  a.time("--time", seconds, "How long it may take. Otherwise as long as 20 epochs");
  a.integer("--samples", samples, 1, "How many samples all trials together may train on; for best: one training");
  a.text("--metric", metric, "NAME", "What is compared, on samples not trained on. Otherwise the loss");
  a.text("--reach", target, "METRIC=F",
         "Who comes first to this value, on samples not trained on, wins: in seconds (fastest) or in samples");
  a.excludes("--metric", "--reach");
}

Config TuneChoice::config() const {
  Config::List sizes;
  for (int64_t size : batch_sizes) sizes.emplace_back(size);
  return Config::object({{"goal", goal},
                         {"metric", metric},
                         {"target", target},
                         {"seconds", seconds},
                         {"batch_sizes", sizes},
                         {"samples", samples}});
}

TuneChoice TuneChoice::from(const Config& config) {
  TuneChoice choice;
  choice.goal = config.at("goal").as_string("goal");
  choice.metric = config.at("metric").as_string("metric");
  choice.target = config.get("target", "");
  choice.seconds = config.at("seconds").as_number("seconds");
  choice.samples = config.at("samples").as_int("samples");
  for (const Config& size : config.at("batch_sizes").as_list("batch_sizes"))
    choice.batch_sizes.push_back(size.as_int("batch_sizes"));
  return choice;
}

void tune(TuningRun& run) {
  TuneOptions options;
  options.goal = tune_goal(run.choice.goal);
  options.batch_sizes = run.choice.batch_sizes;
  options.seconds = run.choice.seconds;
  options.samples = run.choice.samples;
  options.metric = run.choice.metric;
  if (const auto target = read_target(run.choice.target)) {
    options.metric = target->metric.starts_with("val_") ? target->metric.substr(4) : target->metric;
    options.reach = target->value;
  }
  note_readers_without_effect(run.settings, run.data);
  bound_readers(run.settings, run.data, run.validation);
  options.fit = run.settings.fit_options();
  options.fit.validation_data = run.validation;
  if (!run.validation.empty()) options.fit.validation_split = 0;  // already made, by the folder's rules
  options.fit.interrupt = &catch_interrupts();
  options.on_message = [](const std::string& text) { std::cerr << text << "\n"; };
  options.on_branch = [&run](const TuneBranch& branch) {
    if (run.folder) run.folder->settle();  // something was found: what stood here before is replaced
    if (run.json) write_event(std::cout, branch_event(branch));
  };
  begin_folder(run);
  if (run.folder) options.directory = run.folder->path();
  options.resume = run.resume;
  TuneResult result;
  try {
    result = tune(run.model, run.data, options);
  } catch (const Error& error) {
    const bool stopped = error.kind() == ErrorKind::Interrupted;
    if (run.folder && !run.resume && !stopped && !has_branches(*run.folder)) run.folder->undo();
    throw;
  }
  if (run.folder) {
    run.folder->settle();
    Config record = read_run_record(run.folder->run_json());
    record.set("finished", true);
    write_file_atomically(run.folder->run_json(), indented_json(record));
  }
  if (run.json) write_event(std::cout, advice_event(result));
  write_words(run.json ? std::cerr : std::cout, run, result);
}

void resume_tune(RunFolder folder, const Config& record, bool json) {
  if (record.get("finished", false)) {
    std::cerr << "The tune in " << folder.path() << " is finished: there is nothing to resume. Its answer is in "
              << folder.tune_json() << "\n";
    return;
  }
  TrainSettings settings = TrainSettings::from(record.at("settings"));
  Model model = Model::load(folder.start_model());
  set_arithmetic(model, settings.compile);
  Dataset validation;
  const Dataset data = open_data_for(model, settings.data, training_use(settings), &validation, &settings.class_names);
  if (!settings.validation_data.empty()) validation = open_validation(model, settings);
  TuningRun run{model, data, validation, settings, TuneChoice::from(record.at("tune")), std::move(folder),
                false, true, json};
  tune(run);
}

}  // namespace batchwise
