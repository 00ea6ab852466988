// MultiHeadAttention: several attentions beside one another, each on projections of its own.
#include "layers/arguments.h"
#include "layers/projected_attention.h"

namespace batchwise {
namespace {

constexpr const char* kName = "MultiHeadAttention";

std::vector<int64_t> whole_numbers(const Config& config, const char* key) {
  const Config* value = config.find(key);
  if (!value || value->is_null()) return {};
  if (!value->is_list()) return {value->as_int(key)};
  std::vector<int64_t> all;
  for (const Config& item : value->as_list()) all.push_back(item.as_int(key));
  return all;
}

class MultiHeadAttentionLayer final : public ProjectedAttentionLayer {
 public:
  explicit MultiHeadAttentionLayer(const Config& config)
      : ProjectedAttentionLayer(kName, config, settings_from(config)) {
    require_known_keys(
        kName, config,
        {"num_heads", "key_dim", "value_dim", "dropout", "use_bias", "use_gate", "output_shape", "attention_axes",
         "sliding_window", "flash_attention", "kernel_initializer", "bias_initializer", "kernel_regularizer",
         "bias_regularizer", "activity_regularizer", "kernel_constraint", "bias_constraint", "seed"});
  }
  std::string_view class_name() const override { return kName; }
  Config config() const override {
    const auto list = [](const std::vector<int64_t>& items) { return items.empty() ? Config() : Config(items); };
    Config config = Config::object({{"num_heads", settings().heads},
                                    {"key_dim", settings().depth},
                                    {"value_dim", settings().value_depth},
                                    {"output_shape", list(settings().output_shape)},
                                    {"attention_axes", list(settings().attention_axes)}});
    append_shared(config);
    return config;
  }

 private:
  static Settings settings_from(const Config& config) {
    Settings settings;
    settings.heads = settings.key_heads = config.at("num_heads").as_int("MultiHeadAttention.num_heads");
    settings.depth = config.at("key_dim").as_int("MultiHeadAttention.key_dim");
    settings.value_depth = config.get("value_dim", settings.depth);
    settings.output_shape = whole_numbers(config, "output_shape");
    settings.attention_axes = whole_numbers(config, "attention_axes");
    settings.own_query_mask = false;
    require(settings.heads > 0 && settings.depth > 0 && settings.value_depth > 0, kName,
            "num_heads, key_dim and value_dim must be positive. Got ", settings.heads, ", ", settings.depth, " and ",
            settings.value_depth, ".");
    return settings;
  }
};

const RegisterLayer<MultiHeadAttentionLayer> registered{
    "MultiHeadAttention",
    {},
    {Config::object({{"num_heads", 2}, {"key_dim", 3}}),
     Config::object({{"num_heads", 3}, {"key_dim", 2}, {"value_dim", 5}, {"use_bias", false}, {"dropout", 0.25}}),
     Config::object({{"num_heads", 2},
                     {"key_dim", 2},
                     {"attention_axes", Config::List{Config(1)}},
                     {"use_gate", true},
                     {"output_shape", 7}})}};

}  // namespace
}  // namespace batchwise
