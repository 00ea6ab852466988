// run.json: what a run was asked for and planned, written before its first step.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <batchwise/callback.h>

#include "cli/settings.h"

namespace batchwise {

struct TrainingRun;

// Makes the folder when the plan is accepted: the model as it starts, then run.json. After that a resume works. A
// resumed run only adds to run.json. `run` must outlive the callback.
std::shared_ptr<Callback> make_run_record(TrainingRun& run);

// Classes by label: those that a model's file names, else of the run in whose folder it lies; none where neither does.
std::vector<std::string> known_class_names(const std::string& model);

// run.json of an existing run. Throws Error(Input) when it is damaged or of a later version.
Config read_run_record(const std::string& path);

}  // namespace batchwise
