// ReversibleEmbedding: a vector for each number, or, called with reverse, a logit of each number for a vector.
#include "kernels/activation.h"
#include "kernels/binary.h"
#include "kernels/contraction.h"
#include "layers/arguments.h"
#include "layers/embedding_arguments.h"

namespace batchwise {
namespace {

constexpr std::string_view kName = "ReversibleEmbedding";

class ReversibleEmbeddingLayer final : public Layer {
 public:
  explicit ReversibleEmbeddingLayer(const Config& config) : arguments_(kName, config) {
    require_known_keys(kName, config,
                       {"input_dim", "output_dim", "embeddings_initializer", "embeddings_regularizer",
                        "activity_regularizer", "embeddings_constraint", "mask_zero", "weights", "lora_rank",
                        "lora_alpha", "quantization_config", "tie_weights", "reverse_dtype", "logit_soft_cap"});
    tie_weights_ = config.get("tie_weights", true);
    soft_cap_ = config.get("logit_soft_cap", 0.0);
    const std::string dtype = config.get("reverse_dtype", "float32");
    require(dtype == "float32", kName, "reverse_dtype must be null or \"float32\". Got \"", dtype, "\".");
  }
  std::string_view class_name() const override { return kName; }
  Config config() const override {
    Config config = arguments_.config();
    config.set("tie_weights", tie_weights_);
    config.set("reverse_dtype", Config());
    config.set("logit_soft_cap", soft_cap_ != 0 ? Config(soft_cap_) : Config());
    return config;
  }
  Shapes output_shapes(const Shapes& inputs) const override {
    return {arguments_.output_shape(kName, one_input(kName, inputs))};
  }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    if (!reversed(form)) return output_shapes(inputs);
    Shape shape = one_input(kName, inputs);
    require(shape.rank() >= 1 && shape.back() == arguments_.output_dim, kName,
            "with reverse the last axis must be output_dim, ", arguments_.output_dim, ". Got ", shape, ".");
    shape[-1] = arguments_.input_dim;
    return {shape};
  }
  DType output_dtype(DType) const override { return DType::Float32; }
  std::vector<VariableSpec> variables(const Shapes&) const override {
    std::vector<VariableSpec> all{
        arguments_.embeddings.variable("embeddings", {arguments_.input_dim, arguments_.output_dim})};
    if (!tie_weights_)
      all.push_back({.name = "reverse_embeddings",
                     .shape = {arguments_.output_dim, arguments_.input_dim},
                     .initializer = arguments_.embeddings.initializer()});
    return all;
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    if (!reversed(lowering.call_form()))
      return {arguments_.lower(name().empty() ? std::string(kName) : name() + " (" + std::string(kName) + ")", lowering,
                               inputs[0])};
    const Value input = lowering.plain(inputs[0]);
    Equation equation;
    for (int axis = 0; axis + 1 < lowering.type(input).shape.rank(); ++axis)
      equation.a.push_back(static_cast<char>('a' + axis));
    equation.result = equation.a + 'z';
    equation.a.push_back('y');
    equation.b = tie_weights_ ? "zy" : "yz";
    const Shape table = tie_weights_ ? Shape{arguments_.input_dim, arguments_.output_dim}
                                     : Shape{arguments_.output_dim, arguments_.input_dim};
    Value logits = lowering.add1(make_contraction_kernel({.equation = equation,
                                                          .a = lowering.type(input),
                                                          .b = table,
                                                          .b_is_weight = true,
                                                          .learns = lowering.learns(),
                                                          .bfloat16 = lowering.bfloat16(),
                                                          .grain = lowering.grain()}),
                                 {input}, {tie_weights_ ? "embeddings" : "reverse_embeddings"});
    if (soft_cap_ == 0) return {logits};
    const auto with_cap = [&](const char* function, Value v) {
      return lowering.add1(
          make_binary_kernel(function, {lowering.type(v), {}}, {{}, {static_cast<float>(soft_cap_)}}, lowering.grain()),
          {v});
    };
    return {with_cap("multiply", lower_activation(lowering, with_cap("divide", logits), "tanh"))};
  }

 private:
  static bool reversed(const CallForm& form) {
    for (const auto& [key, value] : form.arguments.as_object())
      require(key == "reverse" || key == "1", kName, "a call has no argument but reverse. Got ", key, ".");
    return form.arguments.get("reverse", form.arguments.get("1", false));
  }

  EmbeddingArguments arguments_;
  bool tie_weights_ = true;
  double soft_cap_ = 0;
};

const RegisterLayer<ReversibleEmbeddingLayer> registered{
    "ReversibleEmbedding", {}, {Config::object({{"input_dim", 7}, {"output_dim", 4}})}};

}  // namespace
}  // namespace batchwise
