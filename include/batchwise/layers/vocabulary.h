// Layers with a vocabulary: what they know, and how to tell them.
#pragma once

#include <string>
#include <vector>

#include <batchwise/model.h>

namespace batchwise {

class VocabularyLayer : public Layer {
 public:
  // The tokens by number, integers in decimal; with the special ones ("" and "[UNK]") as Keras lists them.
  virtual std::vector<std::string> vocabulary(bool include_special_tokens = true) const = 0;
  // Replaces the vocabulary, with or without its special tokens. `idf_weights`: for output_mode "tf_idf", one per token
  // without the special ones.
  virtual void set_vocabulary(std::vector<std::string> tokens, std::vector<double> idf_weights = {}) = 0;
};

// Of TextVectorization, StringLookup and IntegerLookup. Throws for other layers.
std::vector<std::string> get_vocabulary(const LayerRef& layer, bool include_special_tokens = true);
void set_vocabulary(const LayerRef& layer, std::vector<std::string> tokens, std::vector<double> idf_weights = {});

}  // namespace batchwise
