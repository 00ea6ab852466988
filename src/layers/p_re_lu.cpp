// PReLU: a leaky ReLU that learns its slopes below zero.
#include "kernels/prelu.h"
#include "layers/arguments.h"
#include "layers/weight_settings.h"

namespace batchwise {
namespace {

class PReLULayer final : public Layer {
 public:
  explicit PReLULayer(const Config& config) : alpha_("PReLU", config, "alpha", "Zeros") {
    require_known_keys("PReLU", config, {"alpha_initializer", "alpha_regularizer", "alpha_constraint", "shared_axes"});
    const Config* shared = config.find("shared_axes");
    if (!shared || shared->is_null()) return;
    if (shared->is_list())
      for (const Config& axis : shared->as_list()) shared_.push_back(axis.as_int("shared_axes"));
    else shared_.push_back(shared->as_int("shared_axes"));
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
    require(one_input("PReLU", inputs).rank() >= 1, "PReLU", "each sample must have at least one axis. Got ", inputs[0],
            ".");
    slopes(inputs[0]);
    return inputs;
  }
  std::vector<VariableSpec> variables(const Shapes& inputs) const override {
    return {alpha_.variable("alpha", slopes(inputs[0]))};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value plain = lowering.plain(inputs[0]);
    const TensorType& type = lowering.type(plain);
    return {lowering.add1(make_prelu_kernel(type, slopes(type.shape), lowering.grain()), {plain}, {"alpha"})};
  }

 private:
  Shape slopes(const Shape& input) const {
    Shape shape = input;
    for (const int64_t axis : shared_) shape[sample_axis("PReLU", axis, input.rank())] = 1;
    return shape;
  }

  WeightSettings alpha_;
  std::vector<int64_t> shared_;
};

const RegisterLayer<PReLULayer> registered{
    "PReLU", {}, {Config::object({{"alpha_initializer", "Ones"}}), Config::object({{"shared_axes", Config::List{1}}})}};

}  // namespace
}  // namespace batchwise
