// A sweep as JSON.
#include "batch_size/sweep/sweep_record.h"

#include <charconv>
#include <cmath>

#include <batchwise/error.h>

#include "formats/json/json.h"

namespace batchwise {
namespace {

constexpr int kFormat = 1;

Config number(double value) {
  if (std::isfinite(value)) return Config(value);
  return Config(std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf");
}

double read_number(const Config& value) {
  if (!value.is_string()) return value.as_number();
  const std::string& text = value.as_string();
  if (text == "nan") return std::nan("");
  require(text == "inf" || text == "-inf", "sweep", "a value must be a number. Got \"", text, "\".");
  return text == "inf" ? HUGE_VAL : -HUGE_VAL;
}

void set_if(Config& record, const char* key, const std::string& text) {
  if (!text.empty()) record.set(key, text);
}

void set_if(Config& record, const char* key, const std::optional<Interval>& interval) {
  if (!interval) return;
  Config value = Config::object({{"mean", interval->mean}});
  if (interval->low) value.set("low", *interval->low);
  if (interval->high) value.set("high", *interval->high);
  record.set(key, value);
}

Config record_of(const Logs& logs) {
  Config record(Config::Object{});
  for (const auto& [name, value] : logs) record.set(name, number(value));
  return record;
}

Logs read_logs(const Config& record) {
  Logs logs;
  for (const auto& [name, value] : record.as_object()) logs.emplace_back(name, read_number(value));
  return logs;
}

Config record_of(const SweepEpoch& epoch) {
  return Config::object({{"epoch", epoch.epoch},
                         {"samples", epoch.samples},
                         {"updates", epoch.updates},
                         {"seconds", epoch.seconds},
                         {"logs", record_of(epoch.logs)}});
}

SweepEpoch read_epoch(const Config& record) {
  return {record.at("epoch").as_int(), record.at("samples").as_int(), record.at("updates").as_int(),
          record.at("seconds").as_number(), read_logs(record.at("logs"))};
}

Config record_of(const SweepRow& row) {
  Config record = Config::object({{"optimizer", row.optimizer},
                                  {"batch_size", row.batch_size},
                                  {"learning_rate", row.learning_rate},
                                  {"seeds", row.seeds},
                                  {"reached", row.reached}});
  set_if(record, "state", row.state);
  set_if(record, "why", row.why);
  set_if(record, "seconds_to_target", row.seconds_to_target);
  set_if(record, "samples_to_target", row.samples_to_target);
  set_if(record, "updates_to_target", row.updates_to_target);
  set_if(record, "best", row.best);
  set_if(record, "train", row.train);
  set_if(record, "gap", row.gap);
  return record;
}

Config record_of(const TradeOffCurve& curve) {
  Config record = Config::object({{"optimizer", curve.optimizer}});
  if (!curve.why.empty()) {
    record.set("why", curve.why);
    return record;
  }
  record.set("least_updates", curve.least_updates);
  record.set("least_samples", curve.least_samples);
  record.set("critical_batch", curve.critical_batch);
  if (curve.low) record.set("low", *curve.low);
  if (curve.high) record.set("high", *curve.high);
  return record;
}

Config record_of(const SweepChoice& choice) {
  return Config::object(
      {{"optimizer", choice.optimizer}, {"batch_size", choice.batch_size}, {"learning_rate", choice.learning_rate}});
}

Config record_of(const SweepRecommendation& recommendation) {
  Config record = record_of(recommendation.choice);
  Config::List reasons;
  for (const std::string& reason : recommendation.reasons) reasons.emplace_back(reason);
  record.set("reasons", reasons);
  if (recommendation.runner_up) {
    Config second = record_of(*recommendation.runner_up);
    set_if(second, "costs", recommendation.costs);
    record.set("runner_up", second);
  }
  set_if(record, "sure", recommendation.sure);
  return record;
}

}  // namespace

Config record_of(const SweepCell& cell) {
  Config record = Config::object({{"name", cell.name},
                                  {"batch_size", cell.batch_size},
                                  {"learning_rate", cell.learning_rate},
                                  {"optimizer", cell.optimizer},
                                  {"seed", std::to_string(cell.seed)},
                                  {"state", cell.state}});
  set_if(record, "why", cell.why);
  Config plan(Config::Object{});
  if (cell.peak_bytes > 0) plan.set("peak_bytes", cell.peak_bytes);
  if (cell.smallest_budget > 0) plan.set("smallest_budget", cell.smallest_budget);
  if (cell.grain > 0) plan.set("grain", cell.grain);
  record.set("plan", plan);
  Config::List epochs;
  for (const SweepEpoch& epoch : cell.epochs) epochs.push_back(record_of(epoch));
  record.set("epochs", epochs);
  if (cell.samples_per_second > 0) record.set("samples_per_second", cell.samples_per_second);
  if (!cell.trained.empty()) record.set("trained", record_of(cell.trained));
  set_if(record, "weights_sha256", cell.weights_sha256);
  return record;
}

SweepCell read_cell(const Config& record) {
  SweepCell cell;
  cell.name = record.at("name").as_string("name");
  cell.batch_size = record.at("batch_size").as_int("batch_size");
  cell.learning_rate = record.at("learning_rate").as_number("learning_rate");
  cell.optimizer = record.at("optimizer").as_string("optimizer");
  const std::string& seed = record.at("seed").as_string("seed");
  const auto [end, error] = std::from_chars(seed.data(), seed.data() + seed.size(), cell.seed);
  require(error == std::errc() && end == seed.data() + seed.size(), "sweep", "a seed must be a whole number. Got \"",
          seed, "\".");
  cell.state = record.at("state").as_string("state");
  cell.why = record.get("why", "");
  const Config& plan = record.at("plan");
  cell.peak_bytes = plan.get("peak_bytes", 0);
  cell.smallest_budget = plan.get("smallest_budget", 0);
  cell.grain = plan.get("grain", 0);
  for (const Config& epoch : record.at("epochs").as_list("epochs")) cell.epochs.push_back(read_epoch(epoch));
  cell.samples_per_second = record.get("samples_per_second", 0.0);
  if (const Config* trained = record.find("trained")) cell.trained = read_logs(*trained);
  cell.weights_sha256 = record.get("weights_sha256", "");
  return cell;
}

Config summary_record(const SweepResult& result) {
  Config summary(Config::Object{});
  if (result.target)
    summary.set("target",
                Config::object(
                    {{"metric", result.target->metric}, {"value", result.target->value}, {"why", result.target->why}}));
  Config::List rows, curves, notes;
  for (const SweepRow& row : result.rows) rows.push_back(record_of(row));
  for (const TradeOffCurve& curve : result.curves) curves.push_back(record_of(curve));
  for (const std::string& note : result.notes) notes.emplace_back(note);
  summary.set("rows", rows);
  // The one that belongs to what is recommended, where there is such a curve.
  for (const TradeOffCurve& curve : result.curves)
    if (curve.why.empty() && (!result.recommendation || curve.optimizer == result.recommendation->choice.optimizer))
      if (!summary.find("curve")) summary.set("curve", record_of(curve));
  summary.set("curves", curves);
  if (result.recommendation) summary.set("recommendation", record_of(*result.recommendation));
  summary.set("notes", notes);
  return summary;
}

Config sweep_record(const Config& settings, const SweepResult& result) {
  Config::List cells;
  for (const SweepCell& cell : result.cells) cells.push_back(record_of(cell));
  return Config::object({{"format", kFormat},
                         {"kind", "sweep"},
                         {"settings", settings},
                         {"cells", cells},
                         {"summary", summary_record(result)}});
}

Config read_sweep_settings(const std::string& path) {
  const Config record = read_json(path);
  require(record.is_object() && record.get("format", 0) == kFormat && record.find("settings"), path,
          "sweep.json must be of format ", kFormat, ". Got ",
          record.is_object() && record.find("format") ? record.at("format").text() : std::string("none"), ".");
  return record.at("settings");
}

}  // namespace batchwise
