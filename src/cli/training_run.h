// One training run of the program: fit with its folder, its events and its end. Shared by train and resume.
#pragma once

#include <optional>

#include <batchwise/model.h>

#include "cli/run_folder.h"
#include "cli/settings.h"

namespace batchwise {

struct TrainingRun {
  Model model;
  Dataset data, validation;  // validation: empty unless given as data
  TrainSettings settings;
  std::optional<RunFolder> folder;
  bool overwrite = false;
  bool resume = false;  // the folder is open, and its newest checkpoint is where to continue
  bool allow_changed_files = false;
  bool json = false;       // events on standard output
  bool profile = false;    // say where the time went
  double rate_factor = 1;  // of the learning rate that the checkpoint holds, when the run goes on
};

// Trains, writes what belongs into the folder, and tells how it ended.
void train(TrainingRun& run);

}  // namespace batchwise
