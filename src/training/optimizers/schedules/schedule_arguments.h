// Arguments that schedules share, checked as they are read.
#pragma once

#include <cmath>
#include <string>
#include <string_view>

#include "base/known_keys.h"

#include <batchwise/error.h>
#include <batchwise/optimizer.h>
#include <batchwise/optimizers.h>

namespace batchwise {

inline double read_required(const Config& config, const char* key, std::string_view where) {
  const Config* value = config.find(key);
  require(value && !value->is_null(), where, key, " must be given. Got ", config.text(), ".");
  return value->as_number(key);
}

inline double read_steps(const Config& config, const char* key, std::string_view where) {
  const double steps = read_required(config, key, where);
  require(steps > 0, where, key, " must be positive. Got ", steps, ".");
  return steps;
}

// Keras writes whole numbers of steps as integers.
inline Config steps_config(double steps) {
  return steps == std::floor(steps) ? Config(static_cast<int64_t>(steps)) : Config(steps);
}

constexpr double kPi = 3.14159265358979323846;

}  // namespace batchwise
