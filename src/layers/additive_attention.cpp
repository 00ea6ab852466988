// AdditiveAttention: attention whose scores are sums of tanh of query and key.
#include "layers/arguments.h"
#include "layers/plain_attention.h"

namespace batchwise {
namespace {

class AdditiveAttentionLayer final : public PlainAttentionLayer {
 public:
  explicit AdditiveAttentionLayer(const Config& config)
      : PlainAttentionLayer("AdditiveAttention", config), use_scale_(config.get("use_scale", true)) {
    require_known_keys("AdditiveAttention", config, {"use_scale", "dropout", "seed"});
  }
  Config config() const override {
    return Config::object({{"use_scale", use_scale_}, {"dropout", dropout()}, {"seed", seed()}});
  }
  std::vector<VariableSpec> variables(const Shapes& inputs) const override {
    if (!use_scale_) return {};
    return {{.name = "scale", .shape = {inputs[0].back()}, .initializer = "GlorotUniform"}};
  }

 private:
  void score(AttentionSpec& options, std::vector<std::string>& weights) const override {
    options.score = AttentionScore::Tanh;
    options.learned_vector = use_scale_;
    if (use_scale_) weights.emplace_back("scale");
  }

  bool use_scale_;
};

const RegisterLayer<AdditiveAttentionLayer> registered{
    "AdditiveAttention", {}, {Config(Config::Object{}), Config::object({{"use_scale", false}})}};

}  // namespace
}  // namespace batchwise
