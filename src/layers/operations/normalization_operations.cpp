// Normalisations as operations: layer and RMS normalisation, and that of a batch by constants.
#include <cmath>
#include <optional>

#include "kernels/layer_normalization.h"
#include "layers/arguments.h"
#include "layers/neighbouring_axes.h"
#include "layers/operations/operation.h"

namespace batchwise {
namespace {

// Scale and offset, in this order, as `names` has them: constants, or tensors of the sample's shape.
class NormalizationOperation : public Operation {
 public:
  using Operation::Operation;
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    const auto found = operands(form, inputs.size(), names());
    require(found[0].tensor == 0 && inputs.size() == 1, key(),
            "the operation takes one tensor; the others must be constants. Got ", inputs.size(), " tensors.");
    for (size_t k = 1; k < found.size(); ++k)
      if (found[k].given()) along(found[k], inputs[0]);
    axes(inputs[0]);
    check(inputs[0], found);
    return {inputs[0]};
  }

 protected:
  virtual std::vector<std::string> names() const = 0;
  virtual AxisRange axes(const Shape& sample) const = 0;
  virtual void check(const Shape&, const std::vector<Operand>&) const {}

  // A constant that has the shape of the axes, as it repeats along those behind them.
  ElementwiseOperand along(const Operand& operand, const Shape& sample) const {
    ElementwiseOperand constant = constant_operand(key(), operand.constant, Shape::kMaxRank);
    const AxisRange range = axes(sample);
    require(constant.type.shape == range.shape_of(sample), key(), "a constant must have the shape of the axes, ",
            range.shape_of(sample), ". Got ", constant.type.shape, ".");
    std::vector<int64_t> dims(constant.type.shape.begin(), constant.type.shape.end());
    dims.resize(static_cast<size_t>(sample.rank() - range.first), 1);
    constant.type.shape = Shape(dims);
    return constant;
  }
  Value combined(Lowering& lowering, std::string_view function, Value value, const ElementwiseOperand& constant) const {
    return lowering.add1(make_binary_kernel(function, {lowering.type(value), {}}, constant, lowering.grain()), {value});
  }
};

class LayerNormOperation final : public NormalizationOperation {
 public:
  LayerNormOperation(const std::string& key, const Config& config)
      : NormalizationOperation(key, config,
                               last_word(key) == "RMSNorm"
                                   ? std::vector<std::string>{"axis", "epsilon"}
                                   : std::vector<std::string>{"axis", "epsilon", "rms_scaling"}),
        axes_(axes_of(key, config, -1)) {
    const Config* epsilon = config.find("epsilon");
    settings_.epsilon = epsilon && !epsilon->is_null() ? epsilon->as_number(key) : 1e-7;
    settings_.center = settings_.scale = false;
    settings_.about_zero = last_word(key) == "RMSNorm";
    settings_.rms = config.get("rms_scaling", false);
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value input = as_floats(lowering, inputs[0]);
    const TensorType type = lowering.type(input);
    LayerNormalizationSettings settings = settings_;
    const AxisRange range = axes(type.shape);
    settings.first_axis = range.first;
    settings.last_axis = range.last;
    Value value = lowering.add1(make_layer_normalization_kernel(settings, type, lowering.grain()), {input});
    const auto found = operands(lowering.call_form(), 1, names());
    if (found[1].given()) value = combined(lowering, "multiply", value, along(found[1], type.shape));
    if (found.size() > 2 && found[2].given() && !settings_.rms)
      value = combined(lowering, "add", value, along(found[2], type.shape));
    return {value};
  }

 private:
  std::vector<std::string> names() const override {
    if (settings_.about_zero) return {"x", "scale"};
    return {"x", "gamma", "beta"};
  }
  AxisRange axes(const Shape& sample) const override { return axis_range(key(), axes_, sample); }

  std::vector<int64_t> axes_;
  LayerNormalizationSettings settings_;
};

// (x - mean) / sqrt(variance + epsilon) * scale + offset, all of them constants of one axis.
class BatchNormOperation final : public NormalizationOperation {
 public:
  BatchNormOperation(const std::string& key, const Config& config)
      : NormalizationOperation(key, config, {"axis", "epsilon"}),
        axis_(config.at("axis").as_int(key)),
        epsilon_(static_cast<float>(config.get("epsilon", 1e-3))) {}
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value input = as_floats(lowering, inputs[0]);
    const Shape shape = lowering.type(input).shape;
    const auto found = operands(lowering.call_form(), 1, names());
    // As TensorFlow: x * (rsqrt(variance + epsilon) * scale) + (offset - mean * that).
    ElementwiseOperand factor = along(found[2], shape), added = along(found[1], shape);
    std::optional<ElementwiseOperand> offset, scale;
    if (found[3].given()) offset = along(found[3], shape);
    if (found[4].given()) scale = along(found[4], shape);
    for (size_t i = 0; i < factor.constant.size(); ++i) {
      float& number = factor.constant[i];
      number = 1 / std::sqrt(number + epsilon_);
      if (scale) number *= scale->constant[i];
      added.constant[i] = (offset ? offset->constant[i] : 0) - added.constant[i] * number;
    }
    return {combined(lowering, "add", combined(lowering, "multiply", input, factor), added)};
  }

 private:
  std::vector<std::string> names() const override { return {"x", "mean", "variance", "offset", "scale"}; }
  AxisRange axes(const Shape& sample) const override {
    const int axis = sample_axis(key(), axis_, sample.rank());
    return {axis, axis};
  }
  void check(const Shape&, const std::vector<Operand>& found) const override {
    require(found[1].given() && found[2].given(), key(), "mean and variance must be constants. Got none.");
  }
  int64_t axis_;
  float epsilon_;
};

const bool registered =
    register_operations<LayerNormOperation>(
        {"ops.nn.LayerNorm"},
        {Config(Config::Object{}), Config::object({{"axis", Config::List{1, 2}}, {"epsilon", 0.01}})}) &&
    register_operations<LayerNormOperation>({"ops.nn.RMSNorm"},
                                            {Config(Config::Object{}), Config::object({{"axis", 1}})}) &&
    register_operations<BatchNormOperation>({"ops.nn.BatchNorm"}, {Config::object({{"axis", -1}})});

}  // namespace
}  // namespace batchwise
