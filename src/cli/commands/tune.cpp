// batchwise tune: which batch size and learning rate, and why.
#include <iostream>

#include "cli/commands/commands.h"
#include "cli/exit_code.h"
#include "cli/model_choice.h"
#include "cli/target_choice.h"
#include "cli/tuning_run.h"

namespace batchwise {

int run_tune(const std::vector<std::string>& words) {
  TrainSettings settings;
  TuneChoice choice;
  std::string out;
  bool overwrite = false, json = false;
  Arguments arguments(
      "tune",
      "Find the batch size and learning rate to train with, by measurement: the plan and the speed of each batch "
      "size,\n"
      "a range test of learning rates, and a race of short trainings that is compared on samples not trained on.",
      {"batchwise tune mlp fashion-mnist --memory 1G", "batchwise tune cnn fashion-mnist --time 5min --out runs/tune",
       "batchwise tune model.keras data.npz --goal samples --optimizer sgd",
       "batchwise tune mlp fashion-mnist --reach accuracy=0.85 --time 2min",
       "batchwise tune mlp fashion-mnist --goal best --samples 600000 --metric accuracy"});
  arguments.positional("MODEL", settings.model, "A .keras file, or a built-in name (batchwise --help lists them)");
  arguments.positional("DATA", settings.data.data,
                       "fashion-mnist, mnist, an .npz, .npy or .csv file, a folder of images, texts or IDX files, or "
                       "shards: .tar, .tfrecord");
  choice.declare(arguments);
  arguments.text("--optimizer", settings.compile.optimizer, "NAME", "adam, sgd, ... instead of the model file's");
  settings.declare_shared(arguments);
  arguments.text("--out", out, "RUN", "Folder to keep what is found in: a tune that was stopped goes on with resume");
  arguments.flag("--overwrite", overwrite, "Replace the run that the folder holds");
  arguments.flag("--json", json, "Events as JSON lines on standard output");
  arguments.needs("--overwrite", "--out");
  if (!arguments.parse(words)) {
    std::cout << arguments.help();
    return kDone;
  }
  settings.check();
  tune_goal(choice.goal);
  read_target(choice.target);

  std::optional<RunFolder> folder;
  if (!out.empty()) {
    folder.emplace(out);
    folder->check_new(overwrite);
  }
  ModelAndData opened = open_model_and_data(settings.model, settings.data, training_use(settings));
  settings.class_names = opened.class_names;
  compile_with(opened.model, settings.compile);
  if (!opened.model.initialized()) opened.model.initialize_new(settings.seed);
  Dataset validation = opened.held_out;
  if (!settings.validation_data.empty()) validation = open_validation(opened.model, settings);
  TuningRun run{opened.model, opened.data, validation, settings, choice, std::move(folder), overwrite, false, json};
  tune(run);
  return kDone;
}

}  // namespace batchwise
