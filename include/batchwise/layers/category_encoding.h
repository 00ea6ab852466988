// CategoryEncoding: numbers of categories to vectors.
#pragma once

#include <string>

#include <batchwise/model.h>

namespace batchwise {

struct CategoryEncodingOptions {
  int64_t num_tokens = 1;
  std::string output_mode = "multi_hot";  // or "one_hot", "count"
};

inline LayerRef CategoryEncoding(const CategoryEncodingOptions& options = {}) {
  return make_layer(
      {"CategoryEncoding", Config::object({{"num_tokens", options.num_tokens}, {"output_mode", options.output_mode}})});
}

}  // namespace batchwise
