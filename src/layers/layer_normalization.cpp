// LayerNormalization: every sample over its last axis, or over neighbouring ones.
#include "kernels/layer_normalization.h"

#include "layers/arguments.h"
#include "layers/neighbouring_axes.h"

namespace batchwise {
namespace {

constexpr std::string_view kName = "LayerNormalization";
constexpr const char* kSpecs[] = {"beta_initializer",  "gamma_initializer", "beta_regularizer",
                                  "gamma_regularizer", "beta_constraint",   "gamma_constraint"};

class LayerNormalizationLayer final : public Layer {
 public:
  explicit LayerNormalizationLayer(const Config& config) {
    require_known_keys(kName, config,
                       {"axis", "epsilon", "center", "scale", "rms_scaling", "beta_initializer", "gamma_initializer",
                        "beta_regularizer", "gamma_regularizer", "beta_constraint", "gamma_constraint"});
    axes_ = axes_of(kName, config, -1);
    settings_.epsilon = config.get("epsilon", 1e-3);
    settings_.center = config.get("center", true);
    settings_.scale = config.get("scale", true);
    settings_.rms = config.get("rms_scaling", false);
    for (const char* key : kSpecs) {
      const Config* value = config.find(key);
      Spec otherwise;
      if (std::string_view(key).ends_with("initializer"))
        otherwise = std::string_view(key) == "gamma_initializer" ? "Ones" : "Zeros";
      specs_.emplace_back(value && !value->is_null() ? spec_of(*value, key) : otherwise);
    }
  }
  std::string_view class_name() const override { return kName; }
  bool passes_mask() const override { return true; }
  Config config() const override {
    Config config = Config::object({{"axis", Config(axes_)},
                                    {"epsilon", settings_.epsilon},
                                    {"center", settings_.center},
                                    {"scale", settings_.scale}});
    if (settings_.rms) config.set("rms_scaling", true);
    for (size_t i = 0; i < specs_.size(); ++i) config.set(kSpecs[i], config_of(specs_[i]));
    return config;
  }
  Shapes output_shapes(const Shapes& inputs) const override {
    settings_for(one_input(kName, inputs));
    return {inputs[0]};
  }
  std::vector<VariableSpec> variables(const Shapes& inputs) const override {
    const LayerNormalizationSettings settings = settings_for(one_input(kName, inputs));
    const Shape shape = AxisRange{settings.first_axis, settings.last_axis}.shape_of(inputs[0]);
    std::vector<VariableSpec> all;
    if (settings.scale)
      all.push_back({.name = "gamma",
                     .shape = shape,
                     .initializer = specs_[1],
                     .regularizer = specs_[3],
                     .constraint = specs_[5]});
    if (settings.center)
      all.push_back({.name = "beta",
                     .shape = shape,
                     .initializer = specs_[0],
                     .regularizer = specs_[2],
                     .constraint = specs_[4]});
    return all;
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value plain = lowering.plain(inputs[0]);
    const TensorType& type = lowering.type(plain);
    std::vector<std::string> names;
    for (const VariableSpec& variable : variables({type.shape})) names.push_back(variable.name);
    return {lowering.add1(make_layer_normalization_kernel(settings_for(type.shape), type, lowering.grain()), {plain},
                          names)};
  }

 private:
  LayerNormalizationSettings settings_for(const Shape& sample) const {
    const AxisRange axes = axis_range(kName, axes_, sample);
    LayerNormalizationSettings settings = settings_;
    settings.first_axis = axes.first;
    settings.last_axis = axes.last;
    if (settings.rms) {  // as in Keras: a scale and nothing else
      settings.scale = true;
      settings.center = false;
    }
    return settings;
  }
  LayerNormalizationSettings settings_;
  std::vector<int64_t> axes_;
  std::vector<Spec> specs_;  // in the order of kSpecs
};

const RegisterLayer<LayerNormalizationLayer> registered{
    "LayerNormalization",
    {},
    {Config(Config::Object{}), Config::object({{"axis", 1}, {"scale", false}}),
     Config::object({{"rms_scaling", true}, {"epsilon", 0.1}})}};

}  // namespace
}  // namespace batchwise
