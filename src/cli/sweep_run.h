// One sweep of the program: cells opened from files, told of as they go, ended with a table. Shared by sweep and
// resume.
#pragma once

#include <string>

#include "cli/sweep_settings.h"

namespace batchwise {

// Whether the folder is that of a sweep.
bool holds_sweep(const std::string& folder);

// Trains what is still open. `folder` "": nothing is kept. Returns the exit code.
int run_sweep_of(const SweepSettings& settings, const std::string& folder, bool overwrite, bool json);

// Goes on with the sweep that the folder holds; memory, lanes, workers and checkpoints are those of `speed` where they
// are given.
int resume_sweep(const std::string& folder, const TrainSettings& speed, bool json);

}  // namespace batchwise
