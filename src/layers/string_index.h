// The vocabulary of a layer of text: set, learned, shown and kept in files.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <batchwise/layers/vocabulary.h>

#include "layers/lookup_settings.h"
#include "text/token_counts.h"

namespace batchwise {

class StringIndexLayer : public VocabularyLayer {
 public:
  std::vector<std::string> vocabulary(bool include_special_tokens) const override;
  void set_vocabulary(std::vector<std::string> tokens, std::vector<double> idf_weights) override;
  std::vector<Asset> assets() const override;
  void load_assets(const std::vector<Asset>& assets) override;
  bool takes_text() const override { return true; }
  // What was counted becomes the vocabulary.
  void learn(TokenCounts<std::string>& counts);

 protected:
  // Takes the vocabulary that the config may hold. `mask`: the token that means nothing.
  StringIndexLayer(LookupSettings settings, std::optional<std::string> mask, std::string oov_token,
                   const Config& config);

  const LookupSettings& settings() const { return settings_; }
  const std::optional<std::string>& mask() const { return mask_; }
  const std::string& oov_token() const { return oov_token_; }
  IndexRules rules() const;
  const std::shared_ptr<const TokenIndex>& index() const;  // throws unless there is a vocabulary
  int64_t size() const { return index_ ? index_->size() : 0; }
  std::vector<float> weights() const { return settings_.weights(idf_, rules()); }
  Config::Object shared_config() const;

 private:
  std::vector<std::string> special() const;
  void set(std::vector<std::string> tokens, std::vector<float> idf);

  LookupSettings settings_;
  std::optional<std::string> mask_;
  std::string oov_token_;
  std::shared_ptr<const TokenIndex> index_;
  std::vector<float> idf_;  // of the tokens without the special ones
  bool in_config_ = false;  // the vocabulary is an argument: adapt is refused, and files keep it there
};

}  // namespace batchwise
