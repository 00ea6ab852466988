// batchwise resume: a run that was stopped or killed goes on to the same bits.
#include <iostream>

#include "cli/commands/commands.h"
#include "cli/exit_code.h"
#include "cli/model_choice.h"
#include "cli/run_record.h"
#include "cli/sweep_run.h"
#include "cli/training_run.h"
#include "cli/tuning_run.h"
#include "report/event_log.h"
#include "training/checkpoint/checkpoint.h"

namespace batchwise {
namespace {

// The batch size that the newest checkpoint was made with; 0: there is none.
int64_t newest_batch_size(const std::string& checkpoints) {
  std::vector<std::string> unreadable;  // fit will tell of them
  const auto checkpoint = newest_checkpoint(checkpoints, unreadable);
  return checkpoint ? checkpoint->header().at("batch_size").as_int() : 0;
}

void change_settings(TrainSettings& settings, int64_t batch_size, const std::string& rule) {
  RuleChoice& rules = settings.rules;
  if (rules.compiled_for == 0) rules.compiled_for = settings.batch_size;
  if (!rule.empty()) {
    const bool had_one = !rules.rule.empty() && rules.rule != "none";
    require(!had_one || rule == rules.rule, "--rule", "a run that follows a rule goes on with it, \"", rules.rule,
            "\". Got \"", rule, "\".");
    if (!had_one) rules.compiled_for = settings.batch_size;
    rules.rule = rule;
    rules.check();
  }
  if (batch_size > 0) settings.batch_size = batch_size;
}

}  // namespace

int run_resume(const std::vector<std::string>& words) {
  std::string path, rule;
  int64_t batch_size = 0;
  TrainSettings speed;
  bool json = false, profile = false, allow_changed_files = false;
  Arguments arguments(
      "resume",
      "Continue a run from its newest checkpoint. Interrupted or not, it ends with the same weights, with any memory, "
      "lanes and\nworkers; another batch size may be given. What is given stays so in later resumes. A sweep takes memory, "
      "lanes,\nworkers and checkpoints alone, a tune none of it.",
      {"batchwise resume runs/first", "batchwise resume runs/first --batch-size 256 --rule auto --json",
       "batchwise resume runs/photos --memory 2G --lanes 8 --cache cache/"});
  arguments.positional("RUN", path, "The folder given to train as --out");
  arguments.integer("--batch-size", batch_size, 1, "Another batch size from here on", false, Arguments::kMostSamples);
  declare_rule(arguments, rule);
  arguments.flag("--profile", profile, "Say where the time of what is left went");
  speed.declare_speed(arguments);
  speed.declare_checkpoints(arguments);
  speed.data.images.declare_cache(arguments);
  arguments.flag("--allow-changed-files", allow_changed_files,
                 "Go on with image files whose sizes or times of change are others: they were copied");
  arguments.flag("--json", json, "Events as JSON lines on standard output");
  if (!arguments.parse(words)) {
    std::cout << arguments.help();
    return kDone;
  }

  const auto refuse = [&](const char* why, std::initializer_list<const char*> options) {
    for (const char* option : options) require(!arguments.given(option), "resume", why, " Got ", option, ".");
  };
  const std::initializer_list<const char*> speeds{"--memory", "--lanes", "--loader-batch", "--workers",
                                                  "--checkpoint-every"},
      others{"--batch-size", "--rule", "--cache", "--profile", "--allow-changed-files"};
  if (holds_sweep(path)) {
    refuse("a sweep goes on with the settings that it began with, but for memory, lanes and workers.", others);
    return resume_sweep(path, speed, json);
  }
  RunFolder folder(path);
  folder.open();
  if (const Config record = read_run_record(folder.run_json()); record.get("kind", "") == "tune") {
    refuse("a tune goes on with the settings that it began with.", speeds);
    refuse("a tune goes on with the settings that it began with.", others);
    resume_tune(std::move(folder), record, json);
    return kDone;
  }
  if (folder.finished()) {
    std::cerr << "The run in " << path << " is finished: there is nothing to resume.\n";
    if (const std::string line = end_line(folder.events()); json && !line.empty()) std::cout << line << "\n";
    return kDone;
  }
  TrainSettings settings = TrainSettings::from(read_run_record(folder.run_json()).at("settings"));
  require((batch_size == 0 && rule.empty()) || settings.growth.when.empty(), "resume",
          "the batch size of this run grows by itself. Got --batch-size or --rule.");
  change_settings(settings, batch_size, rule);
  settings.take_speed(speed);
  settings.check();
  // What the run began with: the file that was given may have changed since.
  Model model = Model::load(folder.start_model());
  set_arithmetic(model, settings.compile);
  // Where the batch size grew by itself, the learning rate has followed already.
  int64_t made_with = newest_batch_size(folder.checkpoints());
  if (made_with > 0 && !settings.growth.when.empty()) made_with = settings.batch_size;
  const double rate_factor = settings.rules.apply_at_resume(model, settings.batch_size, made_with);
  Dataset validation;
  const Dataset data = open_data_for(model, settings.data, training_use(settings), &validation, &settings.class_names);
  if (!settings.validation_data.empty()) validation = open_validation(model, settings);
  TrainingRun run{model, data,    validation, settings, std::move(folder), false, true, allow_changed_files,
                  json,  profile, rate_factor};
  train(run);
  return kDone;
}

}  // namespace batchwise
