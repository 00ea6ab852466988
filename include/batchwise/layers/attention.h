// Attention: values weighted by how queries agree with keys.
#pragma once

#include <optional>
#include <string>

#include <batchwise/model.h>

namespace batchwise {

struct AttentionOptions {
  bool use_scale = false;          // a learned factor of the scores
  std::string score_mode = "dot";  // or "concat"
  double dropout = 0;              // of the weights
  std::optional<int64_t> seed;
};

inline LayerRef Attention(const AttentionOptions& options = {}) {
  return make_layer({"Attention", Config::object({{"use_scale", options.use_scale},
                                                  {"score_mode", options.score_mode},
                                                  {"dropout", options.dropout},
                                                  {"seed", options.seed ? Config(*options.seed) : Config()}})});
}

}  // namespace batchwise
