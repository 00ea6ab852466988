// The report of one training run.
#pragma once

#include "report/html/page.h"
#include "report/html/run_reading.h"

namespace batchwise {

Page run_page(const RunReading& run);

// Settings as a table: what was set first, then what was left as it is.
std::string settings_html(const Config& settings, const std::string& caption);

}  // namespace batchwise
