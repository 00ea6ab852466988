// A sweep as JSON: a cell's result.json, the summary, and sweep.json of them all.
#pragma once

#include <string>
#include <vector>

#include <batchwise/sweep.h>

namespace batchwise {

// Keys that are not known are absent; numbers that are not finite are text, as in events.
Config record_of(const SweepCell& cell);
SweepCell read_cell(const Config& record);  // throws Error(Input) for what is no such record
Config summary_record(const SweepResult& result);
Config sweep_record(const Config& settings, const SweepResult& result);

// settings of the sweep.json in `path`. Throws Error(Input) for a damaged file or one of a later version.
Config read_sweep_settings(const std::string& path);

}  // namespace batchwise
