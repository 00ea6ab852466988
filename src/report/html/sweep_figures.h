// The pictures of a sweep over its batch sizes.
#pragma once

#include <string>

#include "report/html/sweep_reading.h"

namespace batchwise {

std::string outcome_figures(const SweepReading& sweep);  // best value, generalisation gap
std::string cost_figures(const SweepReading& sweep);     // time, samples and updates to the target; the trade-off
std::string memory_figures(const SweepReading& sweep);   // planned and measured peak, samples per second

}  // namespace batchwise
