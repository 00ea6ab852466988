// batchwise train: a model, data, and a batch size.
#include <iostream>

#include "cli/commands/commands.h"
#include "cli/exit_code.h"
#include "cli/model_choice.h"
#include "cli/training_run.h"

namespace batchwise {

int run_train(const std::vector<std::string>& words) {
  TrainSettings settings;
  std::string out;
  bool overwrite = false, json = false, profile = false;
  Arguments arguments(
      "train",
      "Train a model. The batch size is the number of samples per weight update; the memory it takes is planned before "
      "the first\n"
      "step, and the result does not depend on it.",
      {"batchwise train mlp fashion-mnist --batch-size 8192 --epochs 5 --memory 64M --out runs/first",
       "batchwise train cnn fashion-mnist --batch-size 128 --epochs 3 --validation-data fashion-mnist",
       "batchwise train model.keras data.npz --batch-size 32 --epochs 10 --optimizer sgd --learning-rate 0.1",
       "batchwise train photos.keras photos/ --batch-size 2048 --epochs 10 --validation-split 0.2 --cache cache/",
       "batchwise train mlp table.csv --target species --batch-size 16 --epochs 50 --validation-split 0.2 --json"});
  arguments.positional(
      "MODEL", settings.model,
      "A .keras file, or a built-in name: mlp, cnn, lstm, resnet50, ... (batchwise --help lists them)");
  arguments.positional("DATA", settings.data.data,
                       "fashion-mnist, mnist, an .npz, .npy or .csv file, a folder of images, texts or IDX files, or "
                       "shards: .tar, .tfrecord");
  settings.declare(arguments);
  arguments.text("--out", out, "RUN",
                 "Folder for run.json, checkpoints, events, TensorBoard files and the trained model");
  arguments.flag("--overwrite", overwrite, "Replace the run that the folder holds");
  arguments.flag(
      "--profile", profile,
      "Say where time and bytes went: per layer and kind of work, and how near to the least time that it could "
      "take. Changes no result");
  arguments.flag("--json", json, "Events as JSON lines on standard output");
  arguments.needs("--overwrite", "--out");
  arguments.needs("--checkpoint-every", "--out");
  if (!arguments.parse(words)) {
    std::cout << arguments.help();
    return kDone;
  }
  settings.check();

  std::optional<RunFolder> folder;
  if (!out.empty()) {
    folder.emplace(out);
    folder->check_new(overwrite);
  }
  const DataUse use = training_use(settings);
  ModelAndData opened = open_model_and_data(settings.model, settings.data, use);
  settings.class_names = opened.class_names;
  compile_with(opened.model, settings.compile);
  settings.rules.apply(opened.model, settings.batch_size);
  if (!opened.model.initialized()) opened.model.initialize_new(settings.seed);
  Dataset validation = opened.held_out;
  if (!settings.validation_data.empty()) validation = open_validation(opened.model, settings);
  TrainingRun run{opened.model, opened.data, validation, settings, std::move(folder),
                  overwrite,    false,       false,      json,     profile};
  train(run);
  return kDone;
}

}  // namespace batchwise
