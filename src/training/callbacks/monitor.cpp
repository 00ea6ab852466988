// Which way a watched value is better, and what to do when it is missing.
#include <cmath>

#include <batchwise/callbacks.h>
#include <batchwise/error.h>

namespace batchwise {
namespace {

bool ends_with(const std::string& name, std::string_view word) { return std::string_view(name).ends_with(word); }

// Keras asks the metric itself; these are the names of those that are better when larger.
bool larger_is_better(const std::string& name) {
  for (const char* word : {"accuracy", "acc", "auc", "AUC", "precision", "recall", "f1_score", "fbeta_score", "iou",
                           "r2_score", "cosine_similarity"})
    if (ends_with(name, word)) return true;
  return name.find("top_k") != std::string::npos || name.find("mean_io_u") != std::string::npos;
}

}  // namespace

Monitor::Monitor(std::string name, const std::string& mode, double min_delta, std::string_view where)
    : name_(std::move(name)), where_(where), min_delta_(std::fabs(min_delta)) {
  require(mode == "auto" || mode == "min" || mode == "max", where, "mode must be \"auto\", \"min\" or \"max\". Got \"",
          mode, "\".");
  require(!name_.empty(), where, "monitor must name a value of the logs. Got \"\".");
  require(std::isfinite(min_delta), where, "min_delta must be a finite number. Got ", min_delta, ".");
  larger_ = mode == "max" || (mode == "auto" && larger_is_better(name_));
}

bool Monitor::better(double value, double than) const {
  return larger_ ? value - min_delta_ > than : value + min_delta_ < than;
}

double Monitor::worst() const {
  const double infinity = std::numeric_limits<double>::infinity();
  return larger_ ? -infinity : infinity;
}

std::optional<double> Monitor::value(const Logs& logs, RunControl& run) const {
  if (const double* found = find_log(logs, name_)) return *found;
  std::string known;
  for (const auto& [name, unused] : logs) known += (known.empty() ? "" : ", ") + name;
  run.message("[" + where_ + "] the monitored value \"" + name_ +
              "\" must be in the logs: nothing was done this time. Got: " + known + ".");
  return std::nullopt;
}

}  // namespace batchwise
