// tune.json, written and read.
#include "batch_size/tune/tune_record.h"

#include <cmath>
#include <filesystem>

#include "base/atomic_file.h"
#include "formats/json/json.h"

namespace batchwise {
namespace {

constexpr int64_t kFormat = 1;

void set_if(Config& config, const char* key, double value) {
  if (std::isfinite(value)) config.set(key, value);
}

double number_or(const Config& config, const char* key, double otherwise) {
  const Config* value = config.find(key);
  return value ? value->as_number(key) : otherwise;
}

Config advice_config(const Advice& advice) {
  Config::List reasons;
  for (const std::string& reason : advice.reasons) reasons.emplace_back(reason);
  return Config::object({{"batch_size", advice.batch_size},
                         {"learning_rate", advice.learning_rate},
                         {"schedule", advice.schedule},
                         {"reasons", reasons},
                         {"sure", advice.sure}});
}

Config noise_config(const NoiseScale& noise) {
  return Config::object({{"value", noise.value}, {"low", noise.low}, {"high", noise.high}});
}

NoiseScale noise_from(const Config& config) {
  NoiseScale noise;
  noise.value = config.at("value").as_number("value");
  noise.low = config.at("low").as_number("low");
  noise.high = config.at("high").as_number("high");
  return noise;
}

Config branch_config(const TuneBranch& branch) {
  Config config = Config::object({{"round", branch.round},
                                  {"batch_size", branch.batch_size},
                                  {"learning_rate", branch.learning_rate},
                                  {"samples", branch.samples},
                                  {"updates", branch.updates},
                                  {"seconds", branch.seconds},
                                  {"repeat", branch.repeat},
                                  {"kept", branch.kept}});
  // One that was lost has none.
  set_if(config, "loss_before", branch.loss_before);
  set_if(config, "loss", branch.loss);
  set_if(config, "score", branch.score);
  set_if(config, "leg_score", branch.leg_score);
  if (branch.way) config.set("way", *branch.way);
  if (branch.noise_scale) config.set("noise_scale", noise_config(*branch.noise_scale));
  return config;
}

TuneBranch branch_from(const Config& config) {
  constexpr double kLost = std::numeric_limits<double>::infinity();
  TuneBranch branch;
  branch.round = config.at("round").as_int("round");
  branch.batch_size = config.at("batch_size").as_int("batch_size");
  branch.learning_rate = config.at("learning_rate").as_number("learning_rate");
  branch.samples = config.at("samples").as_int("samples");
  branch.updates = config.at("updates").as_int("updates");
  branch.seconds = config.at("seconds").as_number("seconds");
  branch.repeat = config.at("repeat").as_int("repeat");
  branch.loss_before = number_or(config, "loss_before", kLost);
  branch.kept = config.at("kept").as_bool("kept");
  branch.loss = number_or(config, "loss", kLost);
  branch.leg_score = number_or(config, "leg_score", kLost);
  branch.score = number_or(config, "score", kLost);
  if (const Config* way = config.find("way")) branch.way = way->as_number("way");
  if (const Config* noise = config.find("noise_scale")) branch.noise_scale = noise_from(*noise);
  return branch;
}

Config interval(double value, std::optional<double> low, std::optional<double> high) {
  Config config = Config::object({{"value", value}});
  if (low) config.set("low", *low);
  if (high) config.set("high", *high);
  return config;
}

}  // namespace

Config tune_settings(const TuneOptions& options) {
  Config::List sizes;
  for (int64_t size : options.batch_sizes) sizes.emplace_back(size);
  Config settings = Config::object({{"goal", name_of(options.goal)},
                                    {"batch_sizes", sizes},
                                    {"seconds", options.seconds},
                                    {"samples", options.samples},
                                    {"metric", options.metric},
                                    {"memory", options.fit.memory},
                                    {"lanes", static_cast<int64_t>(options.fit.lanes)},
                                    {"grain", options.fit.grain},
                                    {"seed", std::to_string(options.fit.seed)}});
  if (options.reach) settings.set("reach", *options.reach);
  return settings;
}

Config tune_config(const TuneResult& result, const Config& settings) {
  Config config = Config::object({{"format", kFormat}, {"kind", "tune"}, {"settings", settings}});
  Config::List plans, speeds, points, branches;
  for (const TuneSpeed& speed : result.speeds) {
    plans.push_back(
        Config::object({{"batch_size", speed.batch_size}, {"peak_bytes", speed.peak_bytes}, {"fits", speed.fits}}));
    if (speed.samples_per_second > 0)
      speeds.push_back(
          Config::object({{"batch_size", speed.batch_size},
                          {"samples_per_second", speed.samples_per_second},
                          {"step_seconds", static_cast<double>(speed.batch_size) / speed.samples_per_second}}));
  }
  if (result.look_every > 0) config.set("look_every", result.look_every);
  config.set("plans", plans);
  config.set("speeds", speeds);
  if (!result.rates.empty()) {
    for (const RatePoint& point : result.rates)
      points.push_back(Config::object({{"rate", point.rate}, {"loss", point.loss}}));
    config.set("rates", Config::object({{"batch_size", result.rate_batch_size},
                                        {"points", points},
                                        {"chosen", result.rate_chosen},
                                        {"highest", result.rate_highest}}));
  }
  if (result.noise_scale) config.set("noise_scale", noise_config(*result.noise_scale));
  for (const TuneBranch& branch : result.branches) branches.push_back(branch_config(branch));
  config.set("branches", branches);
  if (result.critical_batch)
    config.set("critical_batch",
               interval(result.critical_batch->value, result.critical_batch->low, result.critical_batch->high));
  config.set("seconds", result.seconds);
  config.set("samples", result.samples);
  if (result.advice.batch_size == 0) return config;
  Config advice = advice_config(result.advice);
  advice.set("goal", settings.at("goal"));
  if (result.runner_up) advice.set("runner_up", advice_config(*result.runner_up));
  config.set("recommendation", advice);
  return config;
}

std::optional<TuneResult> read_tune(const std::string& path, const Config& settings) {
  if (!std::filesystem::exists(path)) return std::nullopt;
  const Config config = read_json(path);
  require(config.get("kind", "") == "tune" && config.at("format").as_int("format") == kFormat, path,
          "the file must be a tune's, of format ", kFormat, ".");
  require(config.at("settings").text() == settings.text(), path, "a tune goes on with the settings it began with, ",
          config.at("settings").text(), ". Got ", settings.text(), ": give another folder.");
  TuneResult result;
  result.look_every = config.get("look_every", int64_t{1});
  for (const Config& plan : config.at("plans").as_list("plans"))
    result.speeds.push_back({plan.at("batch_size").as_int("batch_size"), plan.at("peak_bytes").as_int("peak_bytes"),
                             plan.at("fits").as_bool("fits"), 0});
  for (const Config& speed : config.at("speeds").as_list("speeds"))
    for (TuneSpeed& plan : result.speeds)
      if (plan.batch_size == speed.at("batch_size").as_int("batch_size"))
        plan.samples_per_second = speed.at("samples_per_second").as_number("samples_per_second");
  if (const Config* rates = config.find("rates")) {
    result.rate_batch_size = rates->at("batch_size").as_int("batch_size");
    result.rate_chosen = rates->at("chosen").as_number("chosen");
    result.rate_highest = rates->at("highest").as_number("highest");
    for (const Config& point : rates->at("points").as_list("points"))
      result.rates.push_back({point.at("rate").as_number("rate"), point.at("loss").as_number("loss")});
  }
  for (const Config& branch : config.at("branches").as_list("branches")) result.branches.push_back(branch_from(branch));
  if (const Config* noise = config.find("noise_scale")) result.noise_scale = noise_from(*noise);
  result.seconds = config.at("seconds").as_number("seconds");
  result.samples = config.at("samples").as_int("samples");
  return result;
}

void write_tune(const std::string& path, const TuneResult& result, const Config& settings) {
  write_file_atomically(path, indented_json(tune_config(result, settings)));
}

}  // namespace batchwise
