// PReLU: x where positive, else a learned slope times x.
#include "kernels/prelu.h"

#include "layers/arguments.h"
#include "layers/weight_settings.h"

namespace batchwise {
namespace {

class PReLULayer final : public Layer {
 public:
  explicit PReLULayer(const Config& config) : alpha_("PReLU", config, "alpha", "Zeros") {
    require_known_keys("PReLU", config, {"alpha_initializer", "alpha_regularizer", "alpha_constraint", "shared_axes"});
    const Config* axes = config.find("shared_axes");
    if (!axes || axes->is_null()) return;
    if (!axes->is_list()) shared_.push_back(axes->as_int("PReLU.shared_axes"));
    else
      for (const Config& axis : axes->as_list()) shared_.push_back(axis.as_int("PReLU.shared_axes"));
  }
  std::string_view class_name() const override { return "PReLU"; }
  bool passes_mask() const override { return true; }
  Config config() const override {
    Config config(Config::Object{});
    alpha_.append_to(config);
    config.set("shared_axes", shared_.empty() ? Config() : Config(shared_));
    return config;
  }
  Shapes output_shapes(const Shapes& inputs) const override {
    slopes(one_input("PReLU", inputs));
    return inputs;
  }
  std::vector<VariableSpec> variables(const Shapes& inputs) const override {
    return {alpha_.variable("alpha", slopes(inputs[0]))};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value input = lowering.plain(inputs[0]);
    const TensorType& type = lowering.type(input);
    return {lowering.add1(make_prelu_kernel(type, slopes(type.shape), lowering.grain()), {input}, {"alpha"})};
  }

 private:
  Shape slopes(Shape shape) const {
    for (const int64_t axis : shared_) shape[sample_axis("PReLU", axis, shape.rank())] = 1;
    return shape;
  }
  WeightSettings alpha_;
  std::vector<int64_t> shared_;
};

const RegisterLayer<PReLULayer> registered{
    "PReLU",
    {},
    {Config::object({{"alpha_initializer", "Ones"}}), Config::object({{"shared_axes", Config::List{Config(1)}}})}};

}  // namespace
}  // namespace batchwise
