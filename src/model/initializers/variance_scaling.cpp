// VarianceScaling and its named settings (Glorot, He, LeCun): the spread follows from the number of inputs and outputs.
#include <algorithm>
#include <cmath>

#include "base/known_keys.h"
#include "model/initializers/draws.h"

#include <batchwise/optimizer.h>
#include <batchwise/optimizers.h>

namespace batchwise {
namespace {

enum class Fan { In, Out, Average };
enum class Distribution { TruncatedNormal, Normal, Uniform };

constexpr double kTruncatedDeviation = 0.87962566103423978;  // of a standard normal cut at two deviations

struct Fans {
  double in, out;
};

// Axes of inputs and outputs where Keras's rule for dense and convolution kernels is not meant; used when both are
// given.
struct FanAxes {
  std::vector<int64_t> in, out;
  explicit FanAxes(const Config& config) {
    for (auto& [key, axes] : {std::pair<const char*, std::vector<int64_t>*>{"input_axes", &in}, {"output_axes", &out}})
      if (const Config* list = config.find(key); list && !list->is_null())
        for (const Config& item : list->as_list(key)) axes->push_back(item.as_int(key));
  }
  bool given() const { return !in.empty() && !out.empty(); }
  void write(Config& config) const {
    if (!in.empty()) config.set("input_axes", Config(in));
    if (!out.empty()) config.set("output_axes", Config(out));
  }
  static double product(const std::vector<int64_t>& axes, std::span<const int64_t> shape) {
    double count = 1;
    const int64_t rank = static_cast<int64_t>(shape.size());
    for (int64_t axis : axes) {
      require(axis >= -rank && axis < rank, "VarianceScaling",
              "input_axes and output_axes must name axes of the weight, ", rank, ". Got ", axis, ".");
      count *= static_cast<double>(shape[static_cast<size_t>(axis < 0 ? rank + axis : axis)]);
    }
    return count;
  }
};

Fans fans_of(std::span<const int64_t> shape, const FanAxes& axes) {
  if (axes.given()) return {FanAxes::product(axes.in, shape), FanAxes::product(axes.out, shape)};
  if (shape.empty()) return {1, 1};
  if (shape.size() == 1) return {static_cast<double>(shape[0]), static_cast<double>(shape[0])};
  double field = 1;  // of a convolution: everything but the last two dimensions
  for (size_t i = 0; i + 2 < shape.size(); ++i) field *= static_cast<double>(shape[i]);
  return {field * static_cast<double>(shape[shape.size() - 2]), field * static_cast<double>(shape.back())};
}

void fill_scaled(double scale, Fan fan, Distribution distribution, const FanAxes& axes, std::span<const int64_t> shape,
                 uint64_t key, std::span<float> values) {
  const Fans fans = fans_of(shape, axes);
  const double count = fan == Fan::In ? fans.in : fan == Fan::Out ? fans.out : (fans.in + fans.out) / 2;
  const double variance = scale / std::max(1.0, count);
  if (distribution == Distribution::Uniform) {
    const double limit = std::sqrt(3 * variance);
    draw_uniform(key, -limit, limit, values);
  } else if (distribution == Distribution::Normal) {
    draw_normal(key, 0, std::sqrt(variance), values);
  } else {
    draw_truncated_normal(key, 0, std::sqrt(variance) / kTruncatedDeviation, values);
  }
}

Fan fan_named(const std::string& word) {
  if (word == "fan_in") return Fan::In;
  if (word == "fan_out") return Fan::Out;
  if (word == "fan_avg") return Fan::Average;
  fail("VarianceScaling.mode", "the mode must be fan_in, fan_out or fan_avg. Got \"", word, "\".");
}

Distribution distribution_named(const std::string& word) {
  if (word == "truncated_normal" || word == "normal") return Distribution::TruncatedNormal;
  if (word == "untruncated_normal") return Distribution::Normal;
  if (word == "uniform") return Distribution::Uniform;
  fail("VarianceScaling.distribution",
       "the distribution must be truncated_normal, untruncated_normal or uniform. Got \"", word, "\".");
}

class VarianceScalingInitializer : public Initializer {
 public:
  explicit VarianceScalingInitializer(const Config& config)
      : config_(config),
        scale_(config.get("scale", 1.0)),
        mode_(config.get("mode", "fan_in")),
        distribution_(config.get("distribution", "truncated_normal")),
        axes_(config) {
    require_known_keys(config, "VarianceScaling",
                       {"scale", "mode", "distribution", "seed", "input_axes", "output_axes"});
    require(scale_ > 0, "VarianceScaling.scale", "the scale must be positive. Got ", scale_, ".");
    fan_named(mode_);
    distribution_named(distribution_);
    weight_key(config, 0, 0);
  }
  std::string_view class_name() const override { return "VarianceScaling"; }
  Config config() const override {
    const Config* seed = config_.find("seed");
    Config config = Config::object(
        {{"scale", scale_}, {"mode", mode_}, {"distribution", distribution_}, {"seed", seed ? *seed : Config()}});
    axes_.write(config);
    return config;
  }
  void fill(std::span<const int64_t> shape, uint64_t seed, uint64_t key, std::span<float> values) const override {
    fill_scaled(scale_, fan_named(mode_), distribution_named(distribution_), axes_, shape,
                weight_key(config_, seed, key), values);
  }

 private:
  Config config_;
  double scale_;
  std::string mode_, distribution_;
  FanAxes axes_;
};

// A named setting: `Setting` has kClass, kScale, kFan, kDistribution.
template <class Setting>
class NamedScaling : public Initializer {
 public:
  explicit NamedScaling(const Config& config) : config_(config), axes_(config) {
    require_known_keys(config, Setting::kClass, {"seed", "input_axes", "output_axes"});
    weight_key(config, 0, 0);
  }
  std::string_view class_name() const override { return Setting::kClass; }
  Config config() const override {
    const Config* seed = config_.find("seed");
    Config config = Config::object({{"seed", seed ? *seed : Config()}});
    axes_.write(config);
    return config;
  }
  void fill(std::span<const int64_t> shape, uint64_t seed, uint64_t key, std::span<float> values) const override {
    fill_scaled(Setting::kScale, Setting::kFan, Setting::kDistribution, axes_, shape, weight_key(config_, seed, key),
                values);
  }

 private:
  Config config_;
  FanAxes axes_;
};

template <Fan fan, Distribution distribution, int scale>
struct Setting {
  static constexpr Fan kFan = fan;
  static constexpr Distribution kDistribution = distribution;
  static constexpr double kScale = scale;
};
struct GlorotUniformSetting : Setting<Fan::Average, Distribution::Uniform, 1> {
  static constexpr const char* kClass = "GlorotUniform";
};
struct GlorotNormalSetting : Setting<Fan::Average, Distribution::TruncatedNormal, 1> {
  static constexpr const char* kClass = "GlorotNormal";
};
struct HeUniformSetting : Setting<Fan::In, Distribution::Uniform, 2> {
  static constexpr const char* kClass = "HeUniform";
};
struct HeNormalSetting : Setting<Fan::In, Distribution::TruncatedNormal, 2> {
  static constexpr const char* kClass = "HeNormal";
};
struct LecunUniformSetting : Setting<Fan::In, Distribution::Uniform, 1> {
  static constexpr const char* kClass = "LecunUniform";
};
struct LecunNormalSetting : Setting<Fan::In, Distribution::TruncatedNormal, 1> {
  static constexpr const char* kClass = "LecunNormal";
};

const Register<Initializer, VarianceScalingInitializer> registered{
    "VarianceScaling",
    {"variance_scaling"},
    {Config(Config::Object{}), Config::object({{"mode", "fan_out"}, {"distribution", "untruncated_normal"}}),
     Config::object({{"input_axes", Config::List{0}}, {"output_axes", Config::List{-1}}})}};
const Register<Initializer, NamedScaling<GlorotUniformSetting>> registered_gu{"GlorotUniform",
                                                                              {"glorot_uniform", "xavier_uniform"}};
const Register<Initializer, NamedScaling<GlorotNormalSetting>> registered_gn{"GlorotNormal",
                                                                             {"glorot_normal", "xavier_normal"}};
const Register<Initializer, NamedScaling<HeUniformSetting>> registered_hu{"HeUniform", {"he_uniform"}};
const Register<Initializer, NamedScaling<HeNormalSetting>> registered_hn{"HeNormal", {"he_normal"}};
const Register<Initializer, NamedScaling<LecunUniformSetting>> registered_lu{"LecunUniform", {"lecun_uniform"}};
const Register<Initializer, NamedScaling<LecunNormalSetting>> registered_ln{"LecunNormal", {"lecun_normal"}};

Spec seeded(const char* name, const std::optional<int64_t>& seed) {
  return {name, Config::object({{"seed", seed ? Config(*seed) : Config()}})};
}

}  // namespace

namespace initializers {
Spec VarianceScaling(const VarianceScalingOptions& options) {
  return {"VarianceScaling", Config::object({{"scale", options.scale},
                                             {"mode", options.mode},
                                             {"distribution", options.distribution},
                                             {"seed", options.seed ? Config(*options.seed) : Config()}})};
}
Spec GlorotUniform(const SeedOptions& options) { return seeded("GlorotUniform", options.seed); }
Spec GlorotNormal(const SeedOptions& options) { return seeded("GlorotNormal", options.seed); }
Spec HeUniform(const SeedOptions& options) { return seeded("HeUniform", options.seed); }
Spec HeNormal(const SeedOptions& options) { return seeded("HeNormal", options.seed); }
Spec LecunUniform(const SeedOptions& options) { return seeded("LecunUniform", options.seed); }
Spec LecunNormal(const SeedOptions& options) { return seeded("LecunNormal", options.seed); }
}  // namespace initializers

}  // namespace batchwise
