// A run folder as far as it can be read: what a run that was cut off or damaged has left is still told.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <batchwise/callback.h>
#include <batchwise/config.h>
#include <batchwise/plan.h>

namespace batchwise {

struct StepLoss {
  int64_t updates = 0, samples = 0;
  double seconds = 0, loss = 0;
};

struct EpochReading {
  int64_t epoch = 0;  // counted from 1
  Logs logs;
  std::optional<RunProgress> at;  // at its end; runs of earlier versions do not tell
  std::optional<double> learning_rate;
  std::optional<NoiseScale> noise;
  std::vector<StepLoss> steps;
};

struct BatchChange {
  int64_t updates = 0, samples = 0, from = 0, to = 0;
  std::string why;
};

struct RunReading {
  std::string path, name;  // name: of the folder
  Config record;           // run.json; an empty object when it is not there
  Plan plan;
  std::vector<EpochReading> epochs;
  std::vector<BatchChange> changes;
  Config pipeline, profile, noise_by_layer, end;  // events; empty objects when they are not there
  bool finished = false;
  std::vector<std::string> troubles;
};

bool is_run_folder(const std::string& path);
RunReading read_run(const std::string& path);

// "mlp on fashion-mnist", as far as it is known.
std::string subject_of(const Config& settings, const std::string& otherwise);

// A file of JSON, or an empty object and a line in `troubles`.
Config read_record(const std::string& path, std::vector<std::string>& troubles);

}  // namespace batchwise
