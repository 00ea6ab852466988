// IntegerLookup: whole numbers to their places in a vocabulary, or to vectors that count them. See adapt.
#pragma once

#include <optional>
#include <string>

#include <batchwise/model.h>

namespace batchwise {

struct IntegerLookupOptions {
  std::optional<int64_t> max_tokens;
  int64_t num_oov_indices = 1;
  std::optional<int64_t> mask_token;  // gets number 0
  int64_t oov_token = -1;
  Config vocabulary = {};  // a list of whole numbers; else learned by adapt
  Config idf_weights = {};
  bool invert = false;
  std::string output_mode = "int";  // or "one_hot", "multi_hot", "count", "tf_idf"
  bool pad_to_max_tokens = false;
};

inline LayerRef IntegerLookup(const IntegerLookupOptions& options = {}) {
  return make_layer(
      {"IntegerLookup", Config::object({{"max_tokens", options.max_tokens ? Config(*options.max_tokens) : Config()},
                                        {"num_oov_indices", options.num_oov_indices},
                                        {"mask_token", options.mask_token ? Config(*options.mask_token) : Config()},
                                        {"oov_token", options.oov_token},
                                        {"vocabulary", options.vocabulary},
                                        {"idf_weights", options.idf_weights},
                                        {"invert", options.invert},
                                        {"output_mode", options.output_mode},
                                        {"pad_to_max_tokens", options.pad_to_max_tokens}})});
}

}  // namespace batchwise
