// What the embedding layers share: a table of vectors, and 0 as padding.
#include "layers/embedding_arguments.h"

#include "kernels/embedding.h"
#include "kernels/relation.h"
#include "layers/arguments.h"

namespace batchwise {

EmbeddingArguments::EmbeddingArguments(std::string_view layer, const Config& config)
    : input_dim(config.at("input_dim").as_int("Embedding.input_dim")),
      output_dim(config.at("output_dim").as_int("Embedding.output_dim")),
      embeddings(layer, config, "embeddings", "RandomUniform"),
      mask_zero(config.get("mask_zero", false)) {
  require(input_dim > 0, layer, "input_dim must be positive. Got ", input_dim, ".");
  require(output_dim > 0, layer, "output_dim must be positive. Got ", output_dim, ".");
  for (const char* key : {"weights", "lora_rank", "lora_alpha", "quantization_config", "activity_regularizer"}) {
    const Config* value = config.find(key);
    require(!value || value->is_null(), layer, key, " must be absent or null. Got ", value ? value->text() : "", ".");
  }
}

Config EmbeddingArguments::config() const {
  Config config = Config::object({{"input_dim", input_dim}, {"output_dim", output_dim}});
  embeddings.append_to(config);
  config.set("mask_zero", mask_zero);
  return config;
}

Shape EmbeddingArguments::output_shape(std::string_view layer, const Shape& ids) const {
  require(ids.rank() < Shape::kMaxRank, layer, "ids must have fewer axes than ", Shape::kMaxRank, ". Got ", ids, ".");
  std::vector<int64_t> dims(ids.begin(), ids.end());
  dims.push_back(output_dim);
  return Shape(dims);
}

Value EmbeddingArguments::lower(std::string_view layer, Lowering& lowering, Value ids) const {
  const Value plain = lowering.plain(ids);
  const TensorType type = lowering.type(plain);
  const Value rows =
      lowering.add1(make_embedding_kernel(type, input_dim, output_dim, std::string(layer), lowering.grain()), {plain},
                    {"embeddings"});
  if (mask_zero)
    lowering.set_mask(
        rows, lowering.add1(make_relation_kernel("not_equal", {type, {}}, {{}, {0.0f}}, lowering.grain()), {plain}));
  return rows;
}

}  // namespace batchwise
