// The events of a run as JSON lines.
#include "report/events.h"

#include <charconv>
#include <cmath>

namespace batchwise {
namespace {

std::string number_text(double value) {
  if (std::isnan(value)) return "\"nan\"";
  if (std::isinf(value)) return value > 0 ? "\"inf\"" : "\"-inf\"";
  char text[40];
  std::string digits(text, std::to_chars(text, text + sizeof text, value).ptr);
  if (digits.find_first_of(".e") == std::string::npos) digits += ".0";
  return digits;
}

void write(const Config& value, std::string& out) {
  if (value.is_list()) {
    out += '[';
    const auto& items = value.as_list();
    for (size_t i = 0; i < items.size(); ++i) {
      if (i > 0) out += ',';
      write(items[i], out);
    }
    out += ']';
  } else if (value.is_object()) {
    out += '{';
    const auto& entries = value.as_object();
    for (size_t i = 0; i < entries.size(); ++i) {
      if (i > 0) out += ',';
      out += Config(entries[i].first).text() + ':';
      write(entries[i].second, out);
    }
    out += '}';
  } else if (value.is_number() && !value.is_int()) {
    out += number_text(value.as_number());
  } else {
    out += value.text();
  }
}

void add_logs(Config& event, const Logs& logs) {
  for (const auto& [name, value] : logs) event.set(name, value);
}

}  // namespace

std::string json_line(const Config& value) {
  std::string line;
  write(value, line);
  return line;
}

Config plan_event(const Plan& plan) {
  Config bytes(Config::Object{});
  for (int c = 0; c < kByteClasses; ++c) bytes.set(name_of(static_cast<ByteClass>(c)), plan.bytes.of[c]);
  return Config::object({{"event", "plan"},
                         {"batch_size", plan.batch_size},
                         {"peak_bytes", plan.peak_bytes},
                         {"bytes", bytes},
                         {"grain", plan.grain},
                         {"lanes", plan.lanes},
                         {"grains", plan.grains},
                         {"blocks", plan.blocks},
                         {"gradient_sums", plan.gradient_sums},
                         {"stages", plan.stages},
                         {"arena_bytes", plan.arena_bytes},
                         {"budget_bytes", plan.budget_bytes},
                         {"smallest_budget", plan.smallest_budget},
                         {"roomy_budget", plan.roomy_budget},
                         {"recompute_share", plan.recompute_share},
                         {"instruction_set", plan.instruction_set}});
}

Config epoch_event(int64_t epoch, const Logs& logs) {
  Config event = Config::object({{"event", "epoch"}, {"epoch", epoch}});
  add_logs(event, logs);
  return event;
}

Config progress_event(int64_t epoch, const RunProgress& at, double learning_rate) {
  return Config::object({{"event", "progress"},
                         {"epoch", epoch},
                         {"updates", at.updates},
                         {"samples", at.samples},
                         {"seconds", at.seconds},
                         {"batch_size", at.batch_size},
                         {"learning_rate", learning_rate}});
}

Config noise_scale_event(int64_t epoch, int64_t samples, const NoiseScale& scale) {
  return Config::object({{"event", "noise_scale"},
                         {"epoch", epoch},
                         {"samples", samples},
                         {"value", scale.value},
                         {"low", scale.low},
                         {"high", scale.high}});
}

Config batch_size_event(const RunProgress& at, int64_t before, const std::string& why) {
  return Config::object({{"event", "batch_size"},
                         {"updates", at.updates},
                         {"samples", at.samples},
                         {"from", before},
                         {"to", at.batch_size},
                         {"why", why}});
}

Config pipeline_event(const History& history) {
  Config::List stages;
  for (const StageFacts& stage : history.pipeline)
    stages.push_back(Config::object({{"name", stage.name},
                                     {"workers", stage.workers},
                                     {"depth", stage.depth},
                                     {"chosen", stage.chosen},
                                     {"elements", stage.elements},
                                     {"work_seconds", stage.work_seconds},
                                     {"waited_seconds", stage.waited_seconds}}));
  return Config::object({{"event", "pipeline"}, {"stages", stages}, {"data_seconds", history.data_seconds}});
}

Config end_event(const Logs& logs) {
  Config event = Config::object({{"event", "end"}});
  add_logs(event, logs);
  return event;
}

Config history_config(const History& history) {
  Config config(Config::Object{});
  for (const auto& [name, values] : history.history) {
    Config::List list;
    for (double value : values) list.emplace_back(value);
    config.set(name, list);
  }
  return config;
}

Config end_event(const History& history, const RunEnd& end) {
  return Config::object({{"event", "end"},
                         {"history", history_config(history)},
                         {"samples_per_second", history.samples_per_second},
                         {"peak_rss_bytes", end.peak_rss_bytes},
                         {"weights_sha256", end.weights_sha256}});
}

}  // namespace batchwise
