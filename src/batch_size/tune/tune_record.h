// tune.json: what a tune has found so far, and what it was asked.
#pragma once

#include <optional>
#include <string>

#include <batchwise/config.h>
#include <batchwise/tune.h>

namespace batchwise {

Config tune_config(const TuneResult& result, const Config& settings);
// What a tune was asked that decides its results.
Config tune_settings(const TuneOptions& options);

// The record of a tune that was stopped; nothing when there is none. Throws Error(Input) when it is damaged or was
// asked something else.
std::optional<TuneResult> read_tune(const std::string& path, const Config& settings);
void write_tune(const std::string& path, const TuneResult& result, const Config& settings);

}  // namespace batchwise
