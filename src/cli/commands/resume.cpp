// batchwise resume: a run that was stopped or killed goes on to the same bits.
#include <iostream>

#include "cli/commands/commands.h"
#include "cli/exit_code.h"
#include "cli/model_choice.h"
#include "cli/run_record.h"
#include "cli/training_run.h"
#include "cli/tuning_run.h"
#include "report/event_log.h"

namespace batchwise {

int run_resume(const std::vector<std::string>& words) {
  std::string path;
  int64_t batch_size = 0;
  bool json = false;
  Arguments arguments("resume",
                      "Continue a run from its newest checkpoint. Interrupted or not, it ends with the same weights; "
                      "another batch size may be given.",
                      {"batchwise resume runs/first", "batchwise resume runs/first --batch-size 256 --json"});
  arguments.positional("RUN", path, "The folder given to train as --out");
  arguments.integer("--batch-size", batch_size, 1, "Another batch size from here on");
  arguments.flag("--json", json, "Events as JSON lines on standard output");
  if (!arguments.parse(words)) {
    std::cout << arguments.help();
    return kDone;
  }

  RunFolder folder(path);
  folder.open();
  if (const Config record = read_run_record(folder.run_json()); record.get("kind", "") == "tune") {
    require(batch_size == 0, "--batch-size", "a tune goes on with the batch sizes that it compares. Got ", batch_size,
            ".");
    resume_tune(std::move(folder), record, json);
    return kDone;
  }
  if (folder.finished()) {
    std::cerr << "The run in " << path << " is finished: there is nothing to resume.\n";
    if (const std::string line = end_line(folder.events()); json && !line.empty()) std::cout << line << "\n";
    return kDone;
  }
  TrainSettings settings = TrainSettings::from(read_run_record(folder.run_json()).at("settings"));
  require(batch_size == 0 || settings.growth.when.empty(), "--batch-size",
          "the batch size of this run grows by itself. Got ", batch_size, ".");
  if (batch_size > 0) settings.batch_size = batch_size;
  // What the run began with: the file that was given may have changed since.
  const Model model = Model::load(folder.start_model());
  Dataset validation;
  const Dataset data = open_data_for(model, settings.data, training_use(settings), &validation);
  if (!settings.validation_data.empty()) {
    DataChoice choice = settings.data;
    choice.data = settings.validation_data;
    validation = open_data_for(model, choice, {.part = DataPart::Test, .loss = settings.compile.loss});
  }
  TrainingRun run{model, data, validation, settings, std::move(folder), false, true, json};
  train(run);
  return kDone;
}

}  // namespace batchwise
