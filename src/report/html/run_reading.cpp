// A run folder as far as it can be read.
#include "report/html/run_reading.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <batchwise/error.h>

#include "formats/json/json.h"
#include "report/html/lookup.h"
#include "report/plan_record.h"

namespace batchwise {
namespace {

namespace fs = std::filesystem;

const Config kNothing{Config::Object{}};

int64_t whole(const Config& event, std::string_view key) {
  const double value = number_of(event, key).value_or(0);
  return value > -9e15 && value < 9e15 ? static_cast<int64_t>(value) : 0;
}

EpochReading& epoch_of(const Config& event, RunReading& run) {
  const int64_t epoch = whole(event, "epoch");
  for (EpochReading& known : run.epochs)
    if (known.epoch == epoch) return known;
  run.epochs.push_back({.epoch = epoch});
  return run.epochs.back();
}

void read_logs(const Config& event, EpochReading& epoch) {
  epoch.logs.clear();
  for (const auto& [key, value] : event.as_object())
    if (key != "event" && key != "epoch")
      if (const auto number = number_of(event, key)) epoch.logs.emplace_back(key, *number);
}

void read_steps(const Config& event, EpochReading& epoch) {
  epoch.steps.clear();
  for (const Config& point : list_of(event, "points")) {
    if (!point.is_list() || point.as_list().size() != 4) continue;
    const Config named = Config::object({{"updates", point.as_list()[0]},
                                         {"samples", point.as_list()[1]},
                                         {"seconds", point.as_list()[2]},
                                         {"loss", point.as_list()[3]}});
    epoch.steps.push_back({whole(named, "updates"), whole(named, "samples"), number_of(named, "seconds").value_or(0),
                           number_of(named, "loss").value_or(0)});
  }
}

void read_event(const Config& event, RunReading& run) {
  const std::string name = text_of(event, "event");
  if (name == "epoch") {
    read_logs(event, epoch_of(event, run));
  } else if (name == "progress") {
    EpochReading& epoch = epoch_of(event, run);
    epoch.at = RunProgress{epoch.epoch - 1, whole(event, "updates"), whole(event, "samples"),
                           number_of(event, "seconds").value_or(0), whole(event, "batch_size")};
    epoch.learning_rate = number_of(event, "learning_rate");
  } else if (name == "noise_scale") {
    epoch_of(event, run).noise = NoiseScale{.value = number_of(event, "value").value_or(0),
                                            .low = number_of(event, "low").value_or(0),
                                            .high = number_of(event, "high").value_or(0)};
  } else if (name == "steps") {
    read_steps(event, epoch_of(event, run));
  } else if (name == "batch_size") {
    run.changes.push_back({whole(event, "updates"), whole(event, "samples"), whole(event, "from"), whole(event, "to"),
                           text_of(event, "why")});
  } else if (name == "profile") {
    run.profile = event;
  } else if (name == "noise_scale_by_layer") {
    run.noise_by_layer = event;
  } else if (name == "pipeline") {
    run.pipeline = event;
  } else if (name == "end") {
    run.end = event;
  }
}

void read_events(const std::string& path, RunReading& run) {
  std::ifstream file(path);
  if (!file) {
    run.troubles.push_back("events.jsonl could not be read: there are no curves.");
    return;
  }
  int64_t number = 0, damaged = 0, first = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (line.empty()) continue;
    try {
      const Config event = parse_json(line, path);
      require(event.is_object(), path, "an event must be an object. Got another value.");
      read_event(event, run);
    } catch (const Error&) {
      if (damaged++ == 0) first = number;
    }
  }
  // A run that is writing, or was killed, may leave half a line at the end.
  if (damaged == 1 && first == number) run.troubles.push_back("The last line of events.jsonl is cut off.");
  else if (damaged > 0)
    run.troubles.push_back(std::to_string(damaged) + (damaged == 1 ? " line" : " lines") +
                           " of events.jsonl could not be read, the first is line " + std::to_string(first) + ".");
  std::stable_sort(run.epochs.begin(), run.epochs.end(),
                   [](const EpochReading& a, const EpochReading& b) { return a.epoch < b.epoch; });
}

std::string base_name(const std::string& path) {
  const fs::path name = fs::path(path).lexically_normal();
  return name.filename().empty() ? name.parent_path().filename().string() : name.filename().string();
}

}  // namespace

Config read_record(const std::string& path, std::vector<std::string>& troubles) {
  const std::string name = base_name(path);
  std::error_code error;
  if (!fs::exists(path, error)) {
    troubles.push_back(name + " is not there.");
    return kNothing;
  }
  try {
    Config record = read_json(path);
    if (record.is_object()) return record;
    troubles.push_back(name + " is damaged: it must hold an object.");
  } catch (const Error& damaged) { troubles.push_back(name + " is damaged: " + damaged.what()); }
  return kNothing;
}

bool is_run_folder(const std::string& path) {
  std::error_code error;
  return fs::exists(path + "/run.json", error) || fs::exists(path + "/events.jsonl", error);
}

RunReading read_run(const std::string& path) {
  RunReading run;
  run.path = path;
  run.name = base_name(fs::absolute(path).string());
  run.end = run.pipeline = run.profile = run.noise_by_layer = kNothing;
  run.record = read_record(path + "/run.json", run.troubles);
  try {
    run.plan = plan_of(run.record);
  } catch (const Error& damaged) {
    run.troubles.push_back(std::string("The plan in run.json is damaged: ") + damaged.what());
  }
  read_events(path + "/events.jsonl", run);
  std::error_code error;
  run.finished = fs::exists(path + "/history.json", error);
  if (run.finished && !part_of(run.end, "event"))
    run.troubles.push_back("The run is finished, but events.jsonl does not tell its end.");
  return run;
}

std::string subject_of(const Config& settings, const std::string& otherwise) {
  const std::string model = base_name(text_of(settings, "model")), data = base_name(text_of(settings, "data"));
  if (model.empty()) return otherwise;
  return data.empty() ? model : model + " on " + data;
}

}  // namespace batchwise
