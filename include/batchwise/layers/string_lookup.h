// StringLookup: tokens to their numbers in a vocabulary, or to vectors that count them. See adapt.
#pragma once

#include <optional>
#include <string>

#include <batchwise/model.h>

namespace batchwise {

struct StringLookupOptions {
  std::optional<int64_t> max_tokens;
  int64_t num_oov_indices = 1;            // numbers that unknown tokens share; 0: they are refused
  std::optional<std::string> mask_token;  // gets number 0
  std::string oov_token = "[UNK]";
  Config vocabulary = {};  // a list of tokens; else learned by adapt
  Config idf_weights = {};
  bool invert = false;              // numbers to tokens
  std::string output_mode = "int";  // or "one_hot", "multi_hot", "count", "tf_idf"
  bool pad_to_max_tokens = false;
};

inline LayerRef StringLookup(const StringLookupOptions& options = {}) {
  return make_layer(
      {"StringLookup", Config::object({{"max_tokens", options.max_tokens ? Config(*options.max_tokens) : Config()},
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
