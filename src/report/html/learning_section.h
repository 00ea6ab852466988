// How a run learned: loss and metrics, the noise scale, learning rate and batch size.
#pragma once

#include <string>

#include "report/html/run_reading.h"

namespace batchwise {

std::string curves_section(const RunReading& run);
std::string noise_section(const RunReading& run);   // "" when no epoch knows its noise scale
std::string course_section(const RunReading& run);  // learning rate and batch size

}  // namespace batchwise
