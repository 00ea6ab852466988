// Attention: every query's mean of the values, weighted by how well their keys fit.
#include "layers/arguments.h"
#include "layers/plain_attention.h"

namespace batchwise {
namespace {

class AttentionLayer final : public PlainAttentionLayer {
 public:
  explicit AttentionLayer(const Config& config)
      : PlainAttentionLayer("Attention", config),
        use_scale_(config.get("use_scale", false)),
        score_mode_(config.get("score_mode", "dot")) {
    require_known_keys("Attention", config, {"use_scale", "score_mode", "dropout", "seed"});
    require(score_mode_ == "dot" || score_mode_ == "concat", "Attention",
            "score_mode must be \"dot\" or \"concat\". Got \"", score_mode_, "\".");
  }
  Config config() const override {
    return Config::object(
        {{"use_scale", use_scale_}, {"score_mode", score_mode_}, {"dropout", dropout()}, {"seed", seed()}});
  }
  std::vector<VariableSpec> variables(const Shapes&) const override {
    std::vector<VariableSpec> all;
    if (use_scale_) all.push_back({.name = "scale", .shape = {}, .initializer = "Ones"});
    if (score_mode_ == "concat") all.push_back({.name = "concat_score_weight", .shape = {}, .initializer = "Ones"});
    return all;
  }

 private:
  void score(AttentionSpec& options, std::vector<std::string>& weights) const override {
    options.learned_scale = use_scale_;
    if (use_scale_) weights.emplace_back("scale");
    if (score_mode_ == "dot") return;
    options.score = AttentionScore::Tanh;
    options.learned_weight = true;
    weights.emplace_back("concat_score_weight");
  }

  bool use_scale_;
  std::string score_mode_;
};

const RegisterLayer<AttentionLayer> registered{
    "Attention",
    {},
    {Config(Config::Object{}), Config::object({{"use_scale", true}, {"score_mode", "concat"}}),
     Config::object({{"use_scale", true}, {"dropout", 0.5}})}};

}  // namespace
}  // namespace batchwise
