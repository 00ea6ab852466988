// GroupQueryAttention: attention whose query heads share key and value heads in groups.
#pragma once

#include <optional>

#include <batchwise/model.h>

namespace batchwise {

struct GroupQueryAttentionOptions {
  int64_t head_dim = 0;
  int64_t num_query_heads = 0;
  int64_t num_key_value_heads = 0;
  double dropout = 0;  // of the weights
  bool use_bias = true;
  Spec kernel_initializer = "GlorotUniform";
  Spec bias_initializer = "Zeros";
  Spec kernel_regularizer;
  Spec bias_regularizer;
  Spec activity_regularizer;
  Spec kernel_constraint;
  Spec bias_constraint;
  std::optional<int64_t> seed;
};

inline LayerRef GroupQueryAttention(const GroupQueryAttentionOptions& options) {
  return make_layer(
      {"GroupQueryAttention", Config::object({{"head_dim", options.head_dim},
                                              {"num_query_heads", options.num_query_heads},
                                              {"num_key_value_heads", options.num_key_value_heads},
                                              {"dropout", options.dropout},
                                              {"use_bias", options.use_bias},
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
