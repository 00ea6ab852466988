// The report of several runs over one another.
#pragma once

#include <vector>

#include "report/html/page.h"
#include "report/html/run_reading.h"

namespace batchwise {

Page compare_page(const std::vector<RunReading>& runs);

}  // namespace batchwise
