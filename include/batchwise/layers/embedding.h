// Embedding: a vector for each number.
#pragma once

#include <batchwise/model.h>

namespace batchwise {

struct EmbeddingOptions {
  int64_t input_dim = 0;   // numbers go from 0 to input_dim - 1
  int64_t output_dim = 0;  // of a vector
  Spec embeddings_initializer = "RandomUniform";
  Spec embeddings_regularizer, embeddings_constraint;
  bool mask_zero = false;  // 0 is padding: later layers are told to pass it over
};

inline LayerRef Embedding(const EmbeddingOptions& options) {
  return make_layer({"Embedding", Config::object({{"input_dim", options.input_dim},
                                                  {"output_dim", options.output_dim},
                                                  {"embeddings_initializer", config_of(options.embeddings_initializer)},
                                                  {"embeddings_regularizer", config_of(options.embeddings_regularizer)},
                                                  {"embeddings_constraint", config_of(options.embeddings_constraint)},
                                                  {"mask_zero", options.mask_zero}})});
}

}  // namespace batchwise
