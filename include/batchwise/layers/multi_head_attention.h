// MultiHeadAttention: several attentions side by side, of projections.
#pragma once

#include <optional>

#include <batchwise/model.h>

namespace batchwise {

struct MultiHeadAttentionOptions {
  int64_t num_heads = 0;
  int64_t key_dim = 0;
  std::optional<int64_t> value_dim;  // key_dim when not given
  double dropout = 0;                // of the weights
  bool use_bias = true;
  Config output_shape = {};    // features of the result; those of the query when not given
  Config attention_axes = {};  // axes of the steps; all but batch and features when not given
  Spec kernel_initializer = "GlorotUniform";
  Spec bias_initializer = "Zeros";
  Spec kernel_regularizer;
  Spec bias_regularizer;
  Spec activity_regularizer;
  Spec kernel_constraint;
  Spec bias_constraint;
  std::optional<int64_t> seed;
};

inline LayerRef MultiHeadAttention(const MultiHeadAttentionOptions& options) {
  return make_layer(
      {"MultiHeadAttention", Config::object({{"num_heads", options.num_heads},
                                             {"key_dim", options.key_dim},
                                             {"value_dim", options.value_dim ? Config(*options.value_dim) : Config()},
                                             {"dropout", options.dropout},
                                             {"use_bias", options.use_bias},
                                             {"output_shape", options.output_shape},
                                             {"attention_axes", options.attention_axes},
                                             {"kernel_initializer", config_of(options.kernel_initializer)},
                                             {"bias_initializer", config_of(options.bias_initializer)},
                                             {"kernel_regularizer", config_of(options.kernel_regularizer)},
                                             {"bias_regularizer", config_of(options.bias_regularizer)},
                                             {"activity_regularizer", config_of(options.activity_regularizer)},
                                             {"kernel_constraint", config_of(options.kernel_constraint)},
                                             {"bias_constraint", config_of(options.bias_constraint)},
                                             {"seed", options.seed ? Config(*options.seed) : Config()}})});
}

}  // namespace batchwise
