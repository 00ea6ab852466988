// The report of a sweep over batch sizes.
#pragma once

#include "report/html/page.h"
#include "report/html/sweep_reading.h"

namespace batchwise {

Page sweep_page(const SweepReading& sweep);

}  // namespace batchwise
