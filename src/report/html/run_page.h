// The report of one training run.
#pragma once

#include <string>
#include <vector>

#include "report/html/page.h"
#include "report/html/run_reading.h"

namespace batchwise {

Page run_page(const RunReading& run);

// Settings as a table: what was set first, then what was left as it is; without `unused`, which stand in the record for
// other commands.
std::string settings_html(const Config& settings, const std::string& caption,
                          const std::vector<std::string>& unused = {});

}  // namespace batchwise
