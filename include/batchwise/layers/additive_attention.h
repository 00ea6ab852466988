// AdditiveAttention: values weighted by a tanh of queries and keys.
#pragma once

#include <optional>

#include <batchwise/model.h>

namespace batchwise {

struct AdditiveAttentionOptions {
  bool use_scale = true;  // a learned factor of each feature
  double dropout = 0;     // of the weights
  std::optional<int64_t> seed;
};

inline LayerRef AdditiveAttention(const AdditiveAttentionOptions& options = {}) {
  return make_layer({"AdditiveAttention", Config::object({{"use_scale", options.use_scale},
                                                          {"dropout", options.dropout},
                                                          {"seed", options.seed ? Config(*options.seed) : Config()}})});
}

}  // namespace batchwise
