// GroupQueryAttention: attention of several heads, of which groups share keys and values.
#include "layers/arguments.h"
#include "layers/projected_attention.h"

namespace batchwise {
namespace {

constexpr const char* kName = "GroupQueryAttention";

class GroupQueryAttentionLayer final : public ProjectedAttentionLayer {
 public:
  explicit GroupQueryAttentionLayer(const Config& config)
      : ProjectedAttentionLayer(kName, config, settings_from(config)) {
    require_known_keys(
        kName, config,
        {"head_dim", "num_query_heads", "num_key_value_heads", "dropout", "use_bias", "use_gate", "sliding_window",
         "flash_attention", "kernel_initializer", "bias_initializer", "kernel_regularizer", "bias_regularizer",
         "activity_regularizer", "kernel_constraint", "bias_constraint", "seed"});
  }
  std::string_view class_name() const override { return kName; }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    require(!inputs.empty() && inputs[0].rank() == 2, kName, "the query must have shape (steps, features). Got ",
            inputs.empty() ? Shape() : inputs[0], ".");
    return ProjectedAttentionLayer::call_shapes(inputs, form);
  }
  // Keras keeps these parts under other names than MultiHeadAttention's.
  std::vector<Part> parts() const override {
    std::vector<Part> all = ProjectedAttentionLayer::parts();
    for (Part& part : all) part.attribute = "_" + part.attribute;
    return all;
  }
  Config config() const override {
    Config config = Config::object({{"head_dim", settings().depth},
                                    {"num_query_heads", settings().heads},
                                    {"num_key_value_heads", settings().key_heads}});
    append_shared(config);
    return config;
  }

 private:
  static Settings settings_from(const Config& config) {
    Settings settings;
    settings.depth = settings.value_depth = config.at("head_dim").as_int("GroupQueryAttention.head_dim");
    settings.heads = config.at("num_query_heads").as_int("GroupQueryAttention.num_query_heads");
    settings.key_heads = config.at("num_key_value_heads").as_int("GroupQueryAttention.num_key_value_heads");
    require(settings.depth > 0 && settings.heads > 0 && settings.key_heads > 0, kName,
            "head_dim, num_query_heads and num_key_value_heads must be positive. Got ", settings.depth, ", ",
            settings.heads, " and ", settings.key_heads, ".");
    require(settings.heads % settings.key_heads == 0, kName,
            "num_query_heads must be a multiple of num_key_value_heads. Got ", settings.heads, " and ",
            settings.key_heads, ".");
    return settings;
  }
};

const RegisterLayer<GroupQueryAttentionLayer> registered{
    "GroupQueryAttention",
    {"GroupedQueryAttention"},
    {Config::object({{"head_dim", 3}, {"num_query_heads", 4}, {"num_key_value_heads", 2}}),
     Config::object({{"head_dim", 2}, {"num_query_heads", 3}, {"num_key_value_heads", 1}, {"sliding_window", 2}})}};

}  // namespace
}  // namespace batchwise
