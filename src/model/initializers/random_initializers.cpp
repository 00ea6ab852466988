// RandomUniform, RandomNormal and TruncatedNormal: first values of a stated distribution.
#include <cmath>

#include "base/known_keys.h"
#include "model/initializers/draws.h"

#include <batchwise/optimizer.h>
#include <batchwise/optimizers.h>

namespace batchwise {
namespace {

class RandomUniformInitializer : public Initializer {
 public:
  explicit RandomUniformInitializer(const Config& config)
      : config_(config), low_(config.get("minval", -0.05)), high_(config.get("maxval", 0.05)) {
    require_known_keys(config, "RandomUniform", {"minval", "maxval", "seed"});
    require(low_ <= high_, "RandomUniform", "minval must not exceed maxval. Got ", low_, " and ", high_, ".");
    weight_key(config, 0, 0);  // refuses a seed that is no integer before any weight is drawn
  }
  std::string_view class_name() const override { return "RandomUniform"; }
  Config config() const override {
    const Config* seed = config_.find("seed");
    return Config::object({{"seed", seed ? *seed : Config()}, {"minval", low_}, {"maxval", high_}});
  }
  void fill(std::span<const int64_t>, uint64_t seed, uint64_t key, std::span<float> values) const override {
    draw_uniform(weight_key(config_, seed, key), low_, high_, values);
  }

 private:
  Config config_;
  double low_, high_;
};

template <bool kTruncated>
class NormalInitializer : public Initializer {
 public:
  explicit NormalInitializer(const Config& config)
      : config_(config), mean_(config.get("mean", 0.0)), deviation_(config.get("stddev", 0.05)) {
    require_known_keys(config, class_name(), {"mean", "stddev", "seed"});
    require(deviation_ >= 0, class_name(), "stddev must not be negative. Got ", deviation_, ".");
    weight_key(config, 0, 0);
  }
  std::string_view class_name() const override { return kTruncated ? "TruncatedNormal" : "RandomNormal"; }
  Config config() const override {
    const Config* seed = config_.find("seed");
    return Config::object({{"seed", seed ? *seed : Config()}, {"mean", mean_}, {"stddev", deviation_}});
  }
  void fill(std::span<const int64_t>, uint64_t seed, uint64_t key, std::span<float> values) const override {
    (kTruncated ? draw_truncated_normal : draw_normal)(weight_key(config_, seed, key), mean_, deviation_, values);
  }

 private:
  Config config_;
  double mean_, deviation_;
};

const Register<Initializer, RandomUniformInitializer> registered_uniform{
    "RandomUniform", {"random_uniform", "uniform"}, {Config(Config::Object{}), Config::object({{"seed", 7}})}};
const Register<Initializer, NormalInitializer<false>> registered_normal{"RandomNormal", {"random_normal", "normal"}};
const Register<Initializer, NormalInitializer<true>> registered_truncated{"TruncatedNormal", {"truncated_normal"}};

Config seed_config(const std::optional<int64_t>& seed) { return seed ? Config(*seed) : Config(); }

}  // namespace

namespace initializers {
Spec RandomUniform(const RangeOptions& options) {
  return {
      "RandomUniform",
      Config::object({{"minval", options.minval}, {"maxval", options.maxval}, {"seed", seed_config(options.seed)}})};
}
Spec RandomNormal(const NormalOptions& options) {
  return {"RandomNormal",
          Config::object({{"mean", options.mean}, {"stddev", options.stddev}, {"seed", seed_config(options.seed)}})};
}
Spec TruncatedNormal(const NormalOptions& options) {
  return {"TruncatedNormal",
          Config::object({{"mean", options.mean}, {"stddev", options.stddev}, {"seed", seed_config(options.seed)}})};
}
}  // namespace initializers

}  // namespace batchwise
