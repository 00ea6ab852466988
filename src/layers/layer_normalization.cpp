// LayerNormalization: every sample over its last axis, or over neighbouring ones.
#include "kernels/layer_normalization.h"

#include <algorithm>

#include "layers/arguments.h"

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
    const Config* axis = config.find("axis");
    if (axis && axis->is_list()) {
      for (const Config& item : axis->as_list()) axes_.push_back(item.as_int("LayerNormalization.axis"));
      require(!axes_.empty(), kName, "axis must name at least one axis. Got [].");
    } else {
      axes_.push_back(config.get("axis", -1));
    }
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
    const LayerNormalizationSettings settings = settings_for(one_input(kName, inputs).rank());
    for (int axis = settings.first_axis; axis <= settings.last_axis; ++axis)
      require(inputs[0][axis] > 0, kName, "the axis must not be empty. Got ", inputs[0], ".");
    return {inputs[0]};
  }
  std::vector<VariableSpec> variables(const Shapes& inputs) const override {
    const LayerNormalizationSettings settings = settings_for(one_input(kName, inputs).rank());
    const Shape shape{
        std::span<const int64_t>(inputs[0].begin() + settings.first_axis, inputs[0].begin() + settings.last_axis + 1)};
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
    return {lowering.add1(make_layer_normalization_kernel(settings_for(type.shape.rank()), type, lowering.grain()),
                          {plain}, names)};
  }

 private:
  LayerNormalizationSettings settings_for(int rank) const {
    std::vector<int> sorted;
    for (int64_t axis : axes_) sorted.push_back(sample_axis(kName, axis, rank));
    std::sort(sorted.begin(), sorted.end());
    for (size_t i = 1; i < sorted.size(); ++i)
      require(sorted[i] == sorted[i - 1] + 1, kName, "axes must be neighbours. Got ", Config(axes_).text(), ".");
    LayerNormalizationSettings settings = settings_;
    settings.first_axis = sorted.front();
    settings.last_axis = sorted.back();
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
