// The events of a run as JSON lines: what `--json` prints and events.jsonl keeps.
#pragma once

#include <cstdint>
#include <string>

#include <batchwise/config.h>
#include <batchwise/training.h>

namespace batchwise {

// One line of JSON without spaces and without the line feed. Doubles are written with the fewest digits that read back
// the same; those that are not finite become the strings "nan", "inf", "-inf".
std::string json_line(const Config& value);

Config plan_event(const Plan& plan);                  // {"event":"plan","batch_size":…,"peak_bytes":…,…}
Config epoch_event(int64_t epoch, const Logs& logs);  // `epoch` counts from 1
Config progress_event(int64_t epoch, const RunProgress& at, double learning_rate);
Config noise_scale_event(int64_t epoch, int64_t samples, const NoiseScale& scale);
// The batch size has changed.
Config batch_size_event(const RunProgress& at, int64_t before, const std::string& why);
Config pipeline_event(const History& history);
Config end_event(const Logs& logs);             // of evaluate
Config history_config(const History& history);  // Keras's History.history

struct RunEnd {
  int64_t peak_rss_bytes = 0;
  std::string weights_sha256;
};
Config end_event(const History& history, const RunEnd& end);

}  // namespace batchwise
