// Muon: steps of matrices are made orthogonal; other variables learn with AdamW.
#include <algorithm>
#include <cctype>
#include <cmath>
#include <optional>
#include <regex>

#include "training/optimizers/keras_arguments.h"
#include "training/optimizers/newton_schulz.h"

#include <batchwise/optimizers.h>

namespace batchwise {
namespace {

constexpr const char* kClass = "Muon";

class MuonOptimizer : public Optimizer {
 public:
  explicit MuonOptimizer(const Config& config)
      : Optimizer(config, {.weight_decay = 0.004}, "muon"),
        beta_1_(read_decay(config, "adam_beta_1", 0.9, kClass)),
        beta_2_(read_decay(config, "adam_beta_2", 0.999, kClass)),
        epsilon_(read_epsilon(config, kClass)),
        adam_decay_(number_or(config, "adam_weight_decay", 0.004)),
        adam_ratio_(config.get("adam_lr_ratio", 1.0)),
        momentum_(config.get("momentum", 0.95)),
        nesterov_(config.get("nesterov", true)),
        without_embeddings_(config.get("exclude_embeddings", true)),
        rms_rate_(number_or(config, "rms_rate", 0.2)) {
    require_optimizer_keys(
        config, kClass,
        {"adam_beta_1", "adam_beta_2", "adam_weight_decay", "epsilon", "exclude_layers", "exclude_embeddings", "muon_a",
         "muon_b", "muon_c", "adam_lr_ratio", "momentum", "ns_steps", "nesterov", "rms_rate"});
    how_.a = config.get("muon_a", how_.a);
    how_.b = config.get("muon_b", how_.b);
    how_.c = config.get("muon_c", how_.c);
    how_.steps = config.get("ns_steps", how_.steps);
    require(how_.steps >= 0 && how_.steps <= 1000, kClass, "ns_steps must be 0 to 1000. Got ", how_.steps, ".");
    read_excluded(config);
    adam_ =
        make_optimizer(Spec("Adam", Config::object({{"beta_1", beta_1_}, {"beta_2", beta_2_}, {"epsilon", epsilon_}})));
  }
  std::string_view class_name() const override { return kClass; }
  Config config() const override {
    Config config = base_config();
    config.set("adam_beta_1", beta_1_);
    config.set("adam_beta_2", beta_2_);
    config.set("epsilon", epsilon_);
    Config::List excluded;
    for (const std::string& pattern : excluded_) excluded.emplace_back(pattern);
    config.set("exclude_layers", excluded);
    config.set("muon_a", how_.a);
    config.set("muon_b", how_.b);
    config.set("muon_c", how_.c);
    config.set("adam_lr_ratio", adam_ratio_);
    config.set("momentum", momentum_);
    config.set("ns_steps", how_.steps);
    config.set("nesterov", nesterov_);
    config.set("exclude_embeddings", without_embeddings_);
    config.set("adam_weight_decay", adam_decay_ ? Config(*adam_decay_) : Config());
    config.set("rms_rate", rms_rate_ ? Config(*rms_rate_) : Config());
    return config;
  }

  bool is_whole(const LearnedVariable& variable) const override {
    if (variable.shape.rank() != 2) return false;
    std::string path = variable.path;
    std::transform(path.begin(), path.end(), path.begin(), [](unsigned char c) { return std::tolower(c); });
    if (without_embeddings_ && path.find("embedding") != std::string::npos) return false;
    return std::none_of(patterns_.begin(), patterns_.end(),
                        [&](const std::regex& pattern) { return std::regex_search(variable.path, pattern); });
  }
  std::vector<SlotSpec> slots(const LearnedVariable& variable) const override {
    if (is_whole(variable)) return {{"momentum"}};
    return {{"momentum"}, {"velocity"}};
  }
  double weight_decay(const LearnedVariable& variable) const override {
    return is_whole(variable) ? options().weight_decay : adam_decay_.value_or(0);
  }
  // Matrices as Lion and Lamb: steps of one length, so the momentum stays. The others as Adam.
  BatchSizeRule batch_size_rule() const override {
    return {"square_root",
            kStepsOfOneLength,
            {"adam_beta_1", "adam_beta_2"},
            {{"epsilon", -0.5}, {"adam_weight_decay", 0.5}},
            {}};
  }
  void begin(UpdateScalars& scalars) const override {
    UpdateScalars adam = scalars;
    adam.learning_rate *= adam_ratio_;
    adam_->begin(adam);
    std::copy(std::begin(adam.own), std::end(adam.own), std::begin(scalars.own));
  }
  void update(const UpdateScalars& scalars, const UpdateCall& call) const override {
    UpdateScalars adam = scalars;
    adam.learning_rate *= adam_ratio_;
    adam_->update(adam, call);
  }

  int64_t scratch(const LearnedVariable& variable) const override {
    return aligned_matrix(variable.shape) + newton_schulz_bytes(variable.shape[0], variable.shape[1]);
  }
  void update_whole(const UpdateScalars& scalars, const VariableCall& call) const override {
    const int64_t count = call.shape.count();
    const float keep = static_cast<float>(momentum_ - 1), ahead = static_cast<float>(momentum_);
    float *m = call.slots[0], *step = static_cast<float*>(call.scratch);
    for (int64_t i = 0; i < count; ++i) {
      m[i] += call.gradients[i] + m[i] * keep;
      step[i] = nesterov_ ? call.gradients[i] + ahead * m[i] : m[i];
    }
    orthogonalise(how_, step, call.shape[0], call.shape[1],
                  static_cast<std::byte*>(call.scratch) + aligned_matrix(call.shape));
    const float longest = std::sqrt(static_cast<float>(std::max(call.shape[0], call.shape[1])));
    const float rate = static_cast<float>(scalars.learning_rate);
    const float scale = rms_rate_ ? longest * static_cast<float>(*rms_rate_) : 1.0f;
    for (int64_t i = 0; i < count; ++i) call.weights[i] -= rate * step[i] * scale;
  }

 private:
  static int64_t aligned_matrix(const Shape& shape) { return (shape.count() * 4 + 63) / 64 * 64; }
  static std::optional<double> number_or(const Config& config, const char* key, double otherwise) {
    const Config* value = config.find(key);
    if (!value) return otherwise;
    if (value->is_null()) return std::nullopt;
    return value->as_number(key);
  }
  void read_excluded(const Config& config) {
    const Config* layers = config.find("exclude_layers");
    if (!layers || layers->is_null()) return;
    for (const Config& item : layers->as_list("Muon.exclude_layers")) {
      const std::string& pattern = item.as_string("Muon.exclude_layers");
      require(pattern.size() <= 200, "Muon.exclude_layers", "patterns must be short. Got ", pattern.size(),
              " letters.");
      try {
        patterns_.emplace_back(pattern);
      } catch (const std::regex_error& error) {
        fail("Muon.exclude_layers", "patterns must be regular expressions. Got \"", pattern, "\": ", error.what(), ".");
      }
      excluded_.push_back(pattern);
    }
  }

  double beta_1_, beta_2_, epsilon_;
  std::optional<double> adam_decay_;
  double adam_ratio_, momentum_;
  bool nesterov_, without_embeddings_;
  std::optional<double> rms_rate_;
  NewtonSchulz how_;
  std::vector<std::string> excluded_;
  std::vector<std::regex> patterns_;
  std::unique_ptr<Optimizer> adam_;
};

const Register<Optimizer, MuonOptimizer> registered{
    kClass,
    {"muon"},
    {Config(Config::Object{}),
     Config::object({{"nesterov", false}, {"rms_rate", nullptr}, {"exclude_layers", Config::List{"head"}}})}};

}  // namespace

Spec Muon(const MuonOptions& options) {
  Config::List excluded;
  for (const std::string& pattern : options.exclude_layers) excluded.emplace_back(pattern);
  CommonOptimizerOptions common = options.common;
  if (!common.weight_decay) common.weight_decay = options.weight_decay;
  return optimizer_spec(kClass, options.learning_rate, options.schedule, common,
                        {{"adam_beta_1", options.adam_beta_1},
                         {"adam_beta_2", options.adam_beta_2},
                         {"adam_weight_decay", options.adam_weight_decay},
                         {"epsilon", options.epsilon},
                         {"exclude_layers", excluded},
                         {"exclude_embeddings", options.exclude_embeddings},
                         {"adam_lr_ratio", options.adam_lr_ratio},
                         {"momentum", options.momentum},
                         {"ns_steps", options.ns_steps},
                         {"nesterov", options.nesterov},
                         {"rms_rate", options.rms_rate ? Config(*options.rms_rate) : Config()}});
}

}  // namespace batchwise
