// TimeDistributed: one layer, or a whole model, for every step of a sequence.
#include "kernels/reduction.h"
#include "kernels/relation.h"
#include "kernels/stack.h"
#include "kernels/view.h"
#include "layers/arguments.h"
#include "layers/part_config.h"
#include "layers/stated_mask.h"

namespace batchwise {
namespace {

// A BatchNormalization sees one step at a time: its statistics are those of the step, and move once per step.
bool has_statistics(const Layer& layer) {
  if (layer.class_name() == "BatchNormalization" || layer.class_name() == "SpectralNormalization") return true;
  for (const Part& part : layer.parts())
    if (has_statistics(*part.layer)) return true;
  return false;
}

class TimeDistributedLayer final : public Layer {
 public:
  explicit TimeDistributedLayer(const Config& config) {
    require_known_keys("TimeDistributed", config, {"layer"});
    layer_ = make_part(config.at("layer"), "TimeDistributed");
  }
  std::string_view class_name() const override { return "TimeDistributed"; }
  bool passes_mask() const override { return true; }
  Config config() const override { return Config::object({{"layer", part_config(*layer_)}}); }
  Shapes output_shapes(const Shapes& inputs) const override {
    const Shape& shape = one_input("TimeDistributed", inputs);
    require(shape.rank() >= 2 && shape[0] > 0, "TimeDistributed",
            "each sample must have shape (steps, ...), with one step or more. Got ", shape, ".");
    Shapes shapes = layer_->output_shapes({shape.without_batch()});
    require(shapes.size() == 1, "TimeDistributed", "the layer must have one output. Got ", shapes.size(), ".");
    return {shapes[0].with_batch(shape[0])};
  }
  std::vector<VariableSpec> variables(const Shapes&) const override { return {}; }
  DType output_dtype(DType input) const override { return layer_->output_dtypes(input, 1).front(); }
  std::vector<Part> parts() const override { return {{"layer", layer_}}; }
  void build_parts(const Shapes& inputs, const CallForm&) override { layer_->build({inputs[0].without_batch()}); }

  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value mask = lowering.mask(inputs[0]), input = lowering.plain(inputs[0]);
    const bool apart = lowering.training() && lowering.trainable() && has_statistics(*layer_);
    const Value output = apart ? lower_apart(lowering, input, mask) : lower_together(lowering, input, mask);
    lowering.set_mask(output, mask_of_output(lowering, mask, output));
    return {output};
  }

 private:
  // Where the layer kept no mask of what is inside a step, a step counts that had anything that did: as in tf.keras.
  static Value mask_of_output(Lowering& lowering, Value mask, Value output) {
    if (mask.index < 0) return mask;
    const Shape shape = lowering.type(mask).shape;
    const bool kept = lowering.mask(output).index >= 0 && is_mask_of(shape, lowering.type(output).shape);
    if (kept || shape.rank() == 1) return mask;
    const auto cast = [&](Value value, DType to) {
      return lowering.add1(make_cast_kernel(lowering.type(value), to, lowering.grain()), {value});
    };
    const Value numbers = cast(mask, DType::Float32);
    const Value most = lowering.add1(
        make_reduction_kernel("max", lowering.type(numbers), 1, shape.rank() - 1, lowering.grain()), {numbers});
    const Value any = cast(most, DType::Bool);
    return lowering.add1(make_view_kernel(lowering.type(any), Shape{shape[0]}, lowering.grain()), {any});
  }

  // All steps at once.
  Value lower_together(Lowering& lowering, Value input, Value mask) const {
    const bool each = mask.index >= 0 && lowering.type(mask).shape.rank() >= 2;  // a mask inside of the steps
    lowering.set_mask(input, each ? mask : Value{});
    return lowering.lower_each(*layer_, {input}).front();
  }

  Value lower_apart(Lowering& lowering, Value input, Value mask) const {
    const std::vector<Value> steps = lowering.add(make_unstack_kernel(lowering.type(input), lowering.grain()), {input});
    std::vector<Value> masks, outputs;
    if (mask.index >= 0) masks = lowering.add(make_unstack_kernel(lowering.type(mask), lowering.grain()), {mask});
    bool kept = false;
    for (size_t i = 0; i < steps.size(); ++i) {
      lowering.set_mask(steps[i], masks.empty() ? Value{} : masks[i]);
      const Value made = lowering.lower_part(*layer_, {steps[i]}).front();
      kept = lowering.mask(made).index >= 0;
      outputs.push_back(lowering.plain(made));
    }
    const TensorType step = lowering.type(outputs.front());
    const Value all =
        lowering.add1(make_stack_kernel(step, static_cast<int64_t>(outputs.size()), lowering.grain()), outputs);
    if (kept && is_mask_of(lowering.type(mask).shape, lowering.type(all).shape)) lowering.set_mask(all, mask);
    return all;
  }

  std::shared_ptr<Layer> layer_;
};

Config layer(const char* class_name, Config::Object arguments) {
  return Config::object({{"layer", config_of(Spec(class_name, std::move(arguments)))}});
}

const RegisterLayer<TimeDistributedLayer> registered{"TimeDistributed",
                                                     {},
                                                     {layer("Dense", {{"units", 5}, {"activation", "tanh"}}),
                                                      layer("LSTM", {{"units", 4}}), layer("BatchNormalization", {})}};

}  // namespace
}  // namespace batchwise
