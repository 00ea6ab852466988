// TextVectorization: texts to numbers of tokens, or to vectors that count them. See adapt.
#pragma once

#include <optional>
#include <string>

#include <batchwise/model.h>

namespace batchwise {

struct TextVectorizationOptions {
  std::optional<int64_t> max_tokens;  // of the vocabulary with its special tokens; the most frequent ones
  Config standardize = "lower_and_strip_punctuation";  // "lower", "strip_punctuation", or null
  Config split = "whitespace";                         // "character", or null: a text is one token
  Config ngrams = {};               // n: runs of up to n tokens as well; a list: runs of these lengths alone
  std::string output_mode = "int";  // or "multi_hot", "count", "tf_idf"
  std::optional<int64_t> output_sequence_length;  // for "int": cut or padded with 0 to it
  bool pad_to_max_tokens = false;                 // vectors have max_tokens columns
  Config vocabulary = {};                         // a list of tokens; else learned by adapt
  Config idf_weights = {};                        // one per token, for "tf_idf"
};

inline LayerRef TextVectorization(const TextVectorizationOptions& options = {}) {
  return make_layer(
      {"TextVectorization",
       Config::object({{"max_tokens", options.max_tokens ? Config(*options.max_tokens) : Config()},
                       {"standardize", options.standardize},
                       {"split", options.split},
                       {"ngrams", options.ngrams},
                       {"output_mode", options.output_mode},
                       {"output_sequence_length",
                        options.output_sequence_length ? Config(*options.output_sequence_length) : Config()},
                       {"pad_to_max_tokens", options.pad_to_max_tokens},
                       {"vocabulary", options.vocabulary},
                       {"idf_weights", options.idf_weights}})});
}

}  // namespace batchwise
