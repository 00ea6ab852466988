// Which way a watched value is better, and what to do when it is missing.
#include <cmath>

#include <batchwise/callbacks.h>
#include <batchwise/error.h>

#include "training/callbacks/better_way.h"

namespace batchwise {

Monitor::Monitor(std::string name, const std::string& mode, double min_delta, std::string_view where)
    : name_(std::move(name)), where_(where), min_delta_(std::fabs(min_delta)) {
  require(mode == "auto" || mode == "min" || mode == "max", where, "mode must be \"auto\", \"min\" or \"max\". Got \"",
          mode, "\".");
  require(!name_.empty(), where, "monitor must name a value of the logs. Got \"\".");
  require(std::isfinite(min_delta), where, "min_delta must be a finite number. Got ", min_delta, ".");
  const std::optional<Better> way = better_way(name_);
  require(mode != "auto" || way, where,
          "mode auto needs the name of a loss or of a metric that says which way is "
          "better. Got \"",
          name_, "\". Give mode min or max.");
  larger_ = mode == "max" || (mode == "auto" && way == Better::Larger);
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
