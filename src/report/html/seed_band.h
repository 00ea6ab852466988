// Runs that differ in their seed alone, as one curve with a band.
#pragma once

#include <string>

#include "report/html/progress_axis.h"
#include "report/html/sweep_reading.h"

namespace batchwise {

// Epoch by epoch: the mean over seeds and, of two or more, its 95 % interval by Student's t. An epoch that only some
// seeds reached is the mean of those.
Series seed_band(const CellGroup& group, const std::string& log, const ProgressAxis& axis);

}  // namespace batchwise
