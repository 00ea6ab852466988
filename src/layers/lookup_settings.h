// What TextVectorization, StringLookup and IntegerLookup have in common: arguments, widths, idf weights, vocabularies
// in files.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <batchwise/layer.h>

#include "kernels/category_encoding.h"
#include "text/token_index.h"

namespace batchwise {

struct LookupSettings {
  std::string where;  // the class
  std::optional<int64_t> max_tokens;
  int64_t num_oov = 1;
  std::string output_mode = "int";
  bool pad_to_max_tokens = false;
  std::optional<int64_t> stated_size;  // of the vocabulary with its special tokens, from a file that keeps it elsewhere

  bool numbers() const { return output_mode == "int"; }
  bool counts_whole() const { return output_mode != "tf_idf"; }  // all other outputs are whole numbers, int64 in Keras
  Encoding encoding() const;                                     // REQUIRES: !numbers()
  // At most so many tokens besides the special ones; -1: any number.
  int64_t most_tokens(const IndexRules& rules) const { return max_tokens ? *max_tokens - rules.first_token() : -1; }
  // Of vectors, for `size` numbers in all (0: no vocabulary yet). Throws when nothing says how wide they are.
  int64_t width(int64_t size) const;
  void check_size(int64_t size) const;  // throws when it is more than max_tokens

  // Weights of all numbers from those of the vocabulary's: the others get their mean.
  std::vector<float> weights(const std::vector<float>& of_tokens, const IndexRules& rules) const;

  Config::Object config(const Config& vocabulary, const std::vector<float>& idf, int64_t size) const;
};

// Reads max_tokens, num_oov_indices, output_mode, pad_to_max_tokens, vocabulary_size, and refuses sparse and ragged.
LookupSettings read_lookup_settings(std::string where, const Config& config, int64_t default_oov);

// "vocabulary" and "idf_weights" of a config; empty when null. A path is refused: files are read by the user.
std::vector<std::string> read_vocabulary(const LookupSettings& settings, const Config& config);
std::vector<float> read_idf_weights(const LookupSettings& settings, const Config& config, size_t tokens);

// Keras's vocabulary.txt: a token per line.
std::vector<Asset> vocabulary_asset(const std::vector<std::string>& tokens);
std::vector<std::string> read_vocabulary_asset(const LookupSettings& settings, const std::vector<Asset>& assets);
// The weights of all numbers as Keras keeps them in weight files; an asset of the layer, of floats as they lie in
// memory.
Asset idf_asset(const LookupSettings& settings, const std::vector<float>& of_tokens, const IndexRules& rules);
// Takes it out of the assets; empty when there is none.
std::vector<float> take_idf_asset(std::vector<Asset>& assets);
// The weights of the tokens among those of all numbers. Throws where they do not fit.
std::vector<float> idf_of_tokens(const LookupSettings& settings, const std::vector<float>& of_all, size_t tokens,
                                 const IndexRules& rules);
bool fits_lines(const std::vector<std::string>& tokens);  // none holds a line end

// Takes the special tokens off the front of a list that has them. Throws where they stand elsewhere.
std::vector<std::string> without_special(const LookupSettings& settings, std::vector<std::string> tokens,
                                         const std::vector<std::string>& special);

}  // namespace batchwise
