// SpectralNormalization: a layer whose kernel is divided by its largest singular value at each step of training.
#include "kernels/spectral_normalization.h"

#include <algorithm>

#include "layers/arguments.h"
#include "layers/part_config.h"

namespace batchwise {
namespace {

constexpr std::string_view kName = "SpectralNormalization";

// The name of the weight that is normalised, among those of the layer inside. Keras takes what is called so.
std::string normalized_name(const std::vector<VariableSpec>& variables, const Layer& layer) {
  for (const VariableSpec& variable : variables)
    if (variable.name == "kernel" || variable.name == "embeddings") return variable.name;
  fail(kName, "the layer must have a kernel or embeddings. Got ", layer.class_name(), ".");
}

// Passes everything on but the kernels that read the normalised weight.
class NormalizingLowering final : public Lowering {
 public:
  NormalizingLowering(Lowering& lowering, const VariableSpec& normalized, int64_t iterations)
      : lowering_(lowering), normalized_(normalized), iterations_(iterations) {}

  int64_t grain() const override { return lowering_.grain(); }
  bool training() const override { return lowering_.training(); }
  bool learns() const override { return lowering_.learns(); }
  bool trainable() const override { return lowering_.trainable(); }
  const CallForm& call_form() const override { return lowering_.call_form(); }
  bool bfloat16() const override { return false; }  // what is divided by its norm is not rounded beside it
  bool direct_convolution() const override { return lowering_.direct_convolution(); }
  uint64_t layer_key() const override { return lowering_.layer_key(); }
  const TensorType& type(Value value) const override { return lowering_.type(value); }
  bool wants_gradient(Value value) const override { return lowering_.wants_gradient(value); }
  Value mask(Value value) const override { return lowering_.mask(value); }
  void set_mask(Value value, Value mask) override { lowering_.set_mask(value, mask); }
  Value in_layout(Value value, int channel_block) override { return lowering_.in_layout(value, channel_block); }
  std::vector<Value> lower_part(const Layer& layer, std::vector<Value> inputs, const CallForm& form) override {
    return lowering_.lower_part(layer, std::move(inputs), form);
  }
  std::vector<Value> lower_each(const Layer& layer, std::vector<Value> inputs, const CallForm& form) override {
    return lowering_.lower_each(layer, std::move(inputs), form);
  }

  std::vector<Value> add(std::unique_ptr<Kernel> kernel, std::vector<Value> inputs,
                         std::vector<std::string> weights) override {
    const auto found = std::find(weights.begin(), weights.end(), normalized_.name);
    const int index = found == weights.end() ? -1 : static_cast<int>(found - weights.begin());
    const int count = static_cast<int>(weights.size());
    for (std::string& name : weights)
      if (name != normalized_.name) name = "layer/" + name;
    if (index >= 0 && training()) {
      kernel = make_spectral_normalization_kernel(std::move(kernel), index, count, normalized_.shape, iterations_);
      weights.push_back("vector_u");
    }
    return lowering_.add(std::move(kernel), std::move(inputs), std::move(weights));
  }

 private:
  Lowering& lowering_;
  const VariableSpec& normalized_;
  int64_t iterations_;
};

class SpectralNormalizationLayer final : public Layer {
 public:
  explicit SpectralNormalizationLayer(const Config& config) {
    require_known_keys(kName, config, {"layer", "power_iterations"});
    layer_ = make_part(config.at("layer"), kName);
    iterations_ = config.get("power_iterations", 1);
    require(iterations_ > 0, kName, "power_iterations must be positive. Got ", iterations_, ".");
    require(layer_->parts().empty(), kName, "the layer must have its weights itself. Got ", layer_->class_name(), ".");
    require(layer_->trainable(), kName, "the layer inside must be trainable: freeze the outer one. Got a frozen ",
            layer_->class_name(), ".");
  }
  std::string_view class_name() const override { return kName; }
  bool passes_mask() const override { return layer_->passes_mask(); }
  Config config() const override {
    return Config::object({{"layer", part_config(*layer_)}, {"power_iterations", iterations_}});
  }
  Shapes output_shapes(const Shapes& inputs) const override { return layer_->output_shapes(inputs); }
  DType output_dtype(DType input) const override { return layer_->output_dtype(input); }

  // Keras keeps the weight that is normalised here and in the layer inside.
  std::vector<VariableSpec> variables(const Shapes& inputs) const override {
    std::vector<VariableSpec> all = layer_->variables(inputs);
    const std::string normalized = normalized_name(all, *layer_);
    const std::string_view who = layer_->name().empty() ? layer_->class_name() : std::string_view(layer_->name());
    Shape u;
    for (VariableSpec& variable : all)
      if (variable.name == normalized) {
        require(variable.regularizer.empty(), kName, "the weight that is normalised must have no regularizer. Got ",
                variable.regularizer.class_name, " of ", who, ".");
        u = {1, variable.shape.back()};
        variable.also_in = "layer";
      } else {
        variable.name = "layer/" + variable.name;
      }
    VariableSpec vector{.name = "vector_u", .shape = u, .trainable = false};
    vector.initializer = Spec("TruncatedNormal", Config::object({{"mean", 0.0}, {"stddev", 0.02}}));
    all.push_back(std::move(vector));
    return all;
  }

  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    Shapes shapes;
    for (const Value input : inputs) shapes.push_back(lowering.type(input).shape);
    const std::vector<VariableSpec> all = layer_->variables(shapes);
    const std::string name = normalized_name(all, *layer_);
    const auto normalized =
        std::find_if(all.begin(), all.end(), [&](const VariableSpec& variable) { return variable.name == name; });
    NormalizingLowering normalizing(lowering, *normalized, iterations_);
    return layer_->lower(normalizing, inputs);
  }

 private:
  std::shared_ptr<Layer> layer_;
  int64_t iterations_ = 1;
};

Config of(const char* class_name, Config::Object arguments, int64_t iterations = 1) {
  return Config::object(
      {{"layer", config_of(Spec(class_name, std::move(arguments)))}, {"power_iterations", iterations}});
}

const RegisterLayer<SpectralNormalizationLayer> registered{
    "SpectralNormalization",
    {},
    {of("Dense", {{"units", 5}, {"activation", "relu"}}), of("Conv2D", {{"filters", 4}, {"kernel_size", 3}}, 3)}};

}  // namespace
}  // namespace batchwise
