// What a run is drawn over: samples, updates or time.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "report/html/figure.h"
#include "report/html/run_reading.h"

namespace batchwise {

struct ProgressAxis {
  std::string name;  // of the choice
  Axis axis;
  double (*of_epoch)(const EpochReading&);  // unknown: not a number
  double (*of_step)(const StepLoss&);
};

// Samples, updates and time; of runs that do not tell them, the epochs.
std::vector<ProgressAxis> progress_axes(const std::vector<const RunReading*>& runs);

// A view for each axis.
std::vector<View> views_over(const std::vector<ProgressAxis>& axes,
                             const std::function<Chart(const ProgressAxis&)>& draw);

// The names that logs have in common with and without "val_", in their order: loss, accuracy, ...
std::vector<std::string> measured_names(const std::vector<EpochReading>& epochs);

// A value of the logs at the end of every epoch that has it.
Series epoch_series(const RunReading& run, const std::string& log, const ProgressAxis& axis);

// Some epoch has a finite value of it.
bool is_measured(const std::vector<EpochReading>& epochs, const std::string& log);

// The best epoch's value; `epoch` counts from 1. None where the name does not say which way is better.
struct Best {
  int64_t epoch = 0;
  double value = 0;
};
std::optional<Best> best_of(const std::vector<EpochReading>& epochs, const std::string& log);

// "val_accuracy" -> "Validation accuracy".
std::string log_title(const std::string& log);

// Drawn over powers of ten: positive, and from the least to the most by a factor of 10.
bool wide_range(const Chart& chart);

}  // namespace batchwise
