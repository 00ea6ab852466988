// The arguments that all optimizers take.
#include "training/optimizers/keras_arguments.h"

#include <algorithm>
#include <array>

#include "base/known_keys.h"

#include <batchwise/error.h>

namespace batchwise {
namespace {
// The last two stand in files of older Kerases and change nothing.
constexpr std::array<std::string_view, 13> kCommon{"name",
                                                   "learning_rate",
                                                   "weight_decay",
                                                   "clipnorm",
                                                   "global_clipnorm",
                                                   "clipvalue",
                                                   "use_ema",
                                                   "ema_momentum",
                                                   "ema_overwrite_frequency",
                                                   "loss_scale_factor",
                                                   "gradient_accumulation_steps",
                                                   "jit_compile",
                                                   "is_legacy_optimizer"};
}  // namespace

void require_optimizer_keys(const Config& config, std::string_view where, std::initializer_list<std::string_view> own) {
  Config rest = config;
  for (std::string_view key : kCommon) rest.erase(key);
  require_known_keys(rest, where, own);
}

double read_decay(const Config& config, const char* key, double otherwise, std::string_view where) {
  const double value = config.get(key, otherwise);
  require(value >= 0 && value < 1, where, key, " must lie in [0, 1). Got ", value, ".");
  return value;
}

double read_epsilon(const Config& config, std::string_view where) {
  const double value = config.get("epsilon", 1e-7);
  require(value >= 0, where, "epsilon must not be negative. Got ", value, ".");
  return value;
}

Spec optimizer_spec(const char* class_name, float learning_rate, const Spec& schedule,
                    const CommonOptimizerOptions& common, std::initializer_list<Config::Entry> own) {
  Config config = Config(Config::Object{});
  if (!common.name.empty()) config.set("name", common.name);
  config.set("learning_rate", schedule.empty() ? Config(learning_rate) : config_of(schedule));
  for (const auto& [key, value] : own) config.set(key, value);
  const auto put = [&](const char* key, const auto& value) {
    if (value) config.set(key, Config(*value));
  };
  put("weight_decay", common.weight_decay);
  put("clipnorm", common.clipnorm);
  put("global_clipnorm", common.global_clipnorm);
  put("clipvalue", common.clipvalue);
  config.set("use_ema", common.use_ema);
  config.set("ema_momentum", common.ema_momentum);
  put("ema_overwrite_frequency", common.ema_overwrite_frequency);
  put("loss_scale_factor", common.loss_scale_factor);
  put("gradient_accumulation_steps", common.gradient_accumulation_steps);
  return Spec(class_name, config);
}

}  // namespace batchwise
