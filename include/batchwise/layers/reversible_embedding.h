// ReversibleEmbedding: a vector for each number, or, called with reverse, a logit of each number for a vector.
#pragma once

#include <optional>

#include <batchwise/model.h>

namespace batchwise {

struct ReversibleEmbeddingOptions {
  int64_t input_dim = 0;
  int64_t output_dim = 0;
  bool tie_weights = true;
  Spec embeddings_initializer = "RandomUniform";
  bool mask_zero = false;
  std::optional<double> logit_soft_cap;
};

inline LayerRef ReversibleEmbedding(const ReversibleEmbeddingOptions& options) {
  return make_layer(
      {"ReversibleEmbedding",
       Config::object({{"input_dim", options.input_dim},
                       {"output_dim", options.output_dim},
                       {"tie_weights", options.tie_weights},
                       {"embeddings_initializer", config_of(options.embeddings_initializer)},
                       {"mask_zero", options.mask_zero},
                       {"logit_soft_cap", options.logit_soft_cap ? Config(*options.logit_soft_cap) : Config()}})});
}

}  // namespace batchwise
