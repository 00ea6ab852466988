// Dense: activation(input * kernel + bias) on the last axis.
#include "kernels/dense.h"

#include "layers/arguments.h"
#include "layers/kernel_and_bias.h"

namespace batchwise {
namespace {

class DenseLayer final : public Layer {
 public:
  explicit DenseLayer(const Config& config) : arguments_("Dense", config) {
    require_known_keys("Dense", config,
                       {"units", "activation", "use_bias", "kernel_initializer", "bias_initializer",
                        "kernel_regularizer", "bias_regularizer", "activity_regularizer", "kernel_constraint",
                        "bias_constraint", "lora_rank", "lora_alpha", "quantization_config"});
    for (const char* key : {"lora_rank", "lora_alpha", "quantization_config"}) {
      const Config* value = config.find(key);
      require(!value || value->is_null(), "Dense", key, " must be absent or null. Got ", value ? value->text() : "",
              ".");
    }
    units_ = config.at("units").as_int("Dense.units");
    require(units_ > 0, "Dense", "units must be positive. Got ", units_, ".");
  }

  std::string_view class_name() const override { return "Dense"; }
  bool passes_mask() const override { return true; }
  Config config() const override {
    Config config = Config::object({{"units", units_}});
    arguments_.append_to(config);
    return config;
  }

  Shapes output_shapes(const Shapes& inputs) const override {
    Shape shape = one_input("Dense", inputs);
    require(shape.rank() >= 1, "Dense", "each sample must have at least one axis. Got ", shape, ".");
    require(shape.back() > 0, "Dense", "the last axis must not be empty. Got ", shape, ".");
    shape[-1] = units_;
    return {shape};
  }

  std::vector<VariableSpec> variables(const Shapes& inputs) const override {
    return arguments_.variables({inputs[0].back(), units_}, units_);
  }

  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value input = lowering.plain(inputs[0]);
    auto kernel = make_dense_kernel({.input = lowering.type(input),
                                     .units = units_,
                                     .grain = lowering.grain(),
                                     .bias = arguments_.use_bias,
                                     .relu = arguments_.plain_relu(),
                                     .learns = lowering.learns(),
                                     .input_gradient = lowering.wants_gradient(input),
                                     .bfloat16 = lowering.bfloat16()});
    return {arguments_.finish(lowering, lowering.add1(std::move(kernel), {input}, arguments_.names()))};
  }

 private:
  KernelAndBias arguments_;
  int64_t units_ = 0;
};

const RegisterLayer<DenseLayer> registered{
    "Dense",
    {},
    {Config::object({{"units", 4}}), Config::object({{"units", 17}, {"activation", "relu"}}),
     Config::object({{"units", 3}, {"activation", "softmax"}, {"use_bias", false}}),
     Config::object({{"units", 5},
                     {"activation", "tanh"},
                     {"kernel_regularizer",
                      Config::object({{"class_name", "L2"}, {"config", Config::object({{"l2", 0.01}})}})}})}};

}  // namespace
}  // namespace batchwise
