// One tune of the program: what it was asked, its folder, its events and its answer. Shared by tune and resume.
#pragma once

#include <optional>
#include <string>

#include <batchwise/model.h>
#include <batchwise/tune.h>

#include "cli/run_folder.h"
#include "cli/settings.h"

namespace batchwise {

struct TuneChoice {
  std::string goal = "fastest", metric = "loss", target;
  std::vector<int64_t> batch_sizes;
  int64_t samples = 0;
  double seconds = 0;  // 0: not given

  void declare(Arguments& arguments);
  Config config() const;
  static TuneChoice from(const Config& config);
};

struct TuningRun {
  Model model;
  Dataset data, validation;
  TrainSettings settings;
  TuneChoice choice;
  std::optional<RunFolder> folder;
  bool overwrite = false;
  bool resume = false;  // the folder is open
  bool json = false;
};

void tune(TuningRun& run);

// Goes on with the tune whose folder is open; says so when it is finished.
void resume_tune(RunFolder folder, const Config& record, bool json);

}  // namespace batchwise
