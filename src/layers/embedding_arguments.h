// What the embedding layers share: a table of vectors, and 0 as padding.
#pragma once

#include "layers/weight_settings.h"

namespace batchwise {

struct EmbeddingArguments {
  int64_t input_dim = 0, output_dim = 0;
  WeightSettings embeddings;
  bool mask_zero = false;

  EmbeddingArguments(std::string_view layer, const Config& config);

  Config config() const;
  Shape output_shape(std::string_view layer, const Shape& ids) const;
  Value lower(std::string_view layer, Lowering& lowering, Value ids) const;  // with its mask
};

}  // namespace batchwise
