// Embedding: a vector for each number.
#include "layers/arguments.h"
#include "layers/embedding_arguments.h"

namespace batchwise {
namespace {

class EmbeddingLayer final : public Layer {
 public:
  explicit EmbeddingLayer(const Config& config) : arguments_("Embedding", config) {
    require_known_keys(
        "Embedding", config,
        {"input_dim", "output_dim", "embeddings_initializer", "embeddings_regularizer", "activity_regularizer",
         "embeddings_constraint", "mask_zero", "weights", "lora_rank", "lora_alpha", "quantization_config"});
  }
  std::string_view class_name() const override { return "Embedding"; }
  Config config() const override { return arguments_.config(); }
  double weight_uses(const Shapes&, const Shapes&) const override { return 0; }
  Shapes output_shapes(const Shapes& inputs) const override {
    return {arguments_.output_shape("Embedding", one_input("Embedding", inputs))};
  }
  DType output_dtype(DType) const override { return DType::Float32; }
  std::vector<VariableSpec> variables(const Shapes&) const override {
    return {arguments_.embeddings.variable("embeddings", {arguments_.input_dim, arguments_.output_dim})};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    // Ids are seen while training: the error of one says which table lacks it.
    return {arguments_.lower(name().empty() ? "Embedding" : name() + " (Embedding)", lowering, inputs[0])};
  }

 private:
  EmbeddingArguments arguments_;
};

const RegisterLayer<EmbeddingLayer> registered{
    "Embedding",
    {},
    {Config::object({{"input_dim", 7}, {"output_dim", 4}}),
     Config::object({{"input_dim", 3}, {"output_dim", 17}, {"mask_zero", true}})}};

}  // namespace
}  // namespace batchwise
