// Vocabularies of text: from arguments, from data, from files.
#include "layers/string_index.h"

#include <batchwise/error.h>

namespace batchwise {

StringIndexLayer::StringIndexLayer(LookupSettings settings, std::optional<std::string> mask, std::string oov_token,
                                   const Config& config)
    : settings_(std::move(settings)), mask_(std::move(mask)), oov_token_(std::move(oov_token)) {
  std::vector<std::string> tokens = read_vocabulary(settings_, config);
  in_config_ = !tokens.empty();
  if (!in_config_) {
    read_idf_weights(settings_, config, 0);
    return;
  }
  tokens = without_special(settings_, std::move(tokens), special());
  std::vector<float> idf = read_idf_weights(settings_, config, tokens.size());
  set(std::move(tokens), std::move(idf));
}

IndexRules StringIndexLayer::rules() const {
  return {.num_oov = settings_.num_oov, .masked = mask_.has_value() && settings_.numbers()};
}

std::vector<std::string> StringIndexLayer::special() const {
  std::vector<std::string> tokens;
  if (rules().masked) tokens.push_back(*mask_);
  for (int64_t i = 0; i < settings_.num_oov; ++i) tokens.push_back(oov_token_);
  return tokens;
}

const std::shared_ptr<const TokenIndex>& StringIndexLayer::index() const {
  require(index_ != nullptr, settings_.where, "the layer needs a vocabulary: call adapt, or give one.");
  return index_;
}

void StringIndexLayer::set(std::vector<std::string> tokens, std::vector<float> idf) {
  auto made = std::make_shared<const TokenIndex>(Vocabulary(std::move(tokens), settings_.where), rules(), mask_,
                                                 settings_.where);
  settings_.check_size(made->size());
  require(settings_.output_mode != "tf_idf" || static_cast<int64_t>(idf.size()) == made->vocabulary().size(),
          settings_.where, "output_mode \"tf_idf\" needs one idf weight per token. Got ", idf.size(), " for ",
          made->vocabulary().size(), " tokens.");
  const int64_t before = size() > 0 ? size() : settings_.stated_size.value_or(0);
  require(!built() || settings_.numbers() || settings_.pad_to_max_tokens || before == made->size(), settings_.where,
          "a vocabulary of another size changes the output's width: adapt before the layer is called, or state "
          "max_tokens and pad_to_max_tokens. Got ",
          made->size(), " tokens for ", before, ".");
  index_ = std::move(made);
  idf_ = std::move(idf);
}

void StringIndexLayer::set_vocabulary(std::vector<std::string> tokens, std::vector<double> idf_weights) {
  require(settings_.output_mode == "tf_idf" || idf_weights.empty(), settings_.where,
          "idf_weights go with output_mode \"tf_idf\". Got \"", settings_.output_mode, "\".");
  set(without_special(settings_, std::move(tokens), special()), {idf_weights.begin(), idf_weights.end()});
}

std::vector<std::string> StringIndexLayer::vocabulary(bool include_special_tokens) const {
  if (!index_) return {};
  std::vector<std::string> tokens = include_special_tokens ? special() : std::vector<std::string>();
  const auto& own = index_->vocabulary().tokens();
  tokens.insert(tokens.end(), own.begin(), own.end());
  return tokens;
}

void StringIndexLayer::learn(TokenCounts<std::string>& counts) {
  require(!in_config_, settings_.where, "adapt is refused where the vocabulary is an argument.");
  if (mask_) counts.leave_out(*mask_);
  counts.leave_out(oov_token_);
  std::vector<std::string> tokens = counts.ranked(settings_.most_tokens(rules()));
  std::vector<float> idf;
  if (settings_.output_mode == "tf_idf") idf = inverse_document_frequencies(counts, tokens);
  set(std::move(tokens), std::move(idf));
}

// Tokens that are more than a line have no place in vocabulary.txt: they become arguments.
Config::Object StringIndexLayer::shared_config() const {
  const bool as_argument = index_ && (in_config_ || !fits_lines(index_->vocabulary().tokens()));
  Config::List tokens;
  if (as_argument)
    for (const std::string& token : index_->vocabulary().tokens()) tokens.emplace_back(token);
  return settings_.config(as_argument ? Config(tokens) : Config(), as_argument ? idf_ : std::vector<float>(), size());
}

std::vector<Asset> StringIndexLayer::assets() const {
  if (!index_) return {};
  std::vector<Asset> all;
  if (!in_config_ && fits_lines(index_->vocabulary().tokens())) all = vocabulary_asset(vocabulary(true));
  if (settings_.output_mode == "tf_idf") all.push_back(idf_asset(settings_, idf_, rules()));
  return all;
}

void StringIndexLayer::load_assets(const std::vector<Asset>& assets) {
  std::vector<Asset> files = assets;
  const std::vector<float> weights = take_idf_asset(files);
  if (in_config_) {
    if (!weights.empty())
      idf_ = idf_of_tokens(settings_, weights, static_cast<size_t>(index_->vocabulary().size()), rules());
    return;
  }
  if (files.empty() && !settings_.stated_size) return;
  std::vector<std::string> tokens = read_vocabulary_asset(settings_, files);
  require(
      tokens.size() >= special().size() &&
          std::equal(tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(special().size()), special().begin()),
      settings_.where, "vocabulary.txt must begin with the special tokens. Got \"", tokens.front(), "\".");
  tokens.erase(tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(special().size()));
  std::vector<float> idf = idf_of_tokens(settings_, weights, tokens.size(), rules());
  set(std::move(tokens), std::move(idf));
}

std::vector<std::string> get_vocabulary(const LayerRef& layer, bool include_special_tokens) {
  const auto* known = dynamic_cast<const VocabularyLayer*>(layer.layer().get());
  require(known != nullptr, layer.layer()->class_name(), "the layer has no vocabulary.");
  return known->vocabulary(include_special_tokens);
}

void set_vocabulary(const LayerRef& layer, std::vector<std::string> tokens, std::vector<double> idf_weights) {
  auto* known = dynamic_cast<VocabularyLayer*>(layer.layer().get());
  require(known != nullptr, layer.layer()->class_name(), "the layer has no vocabulary.");
  known->set_vocabulary(std::move(tokens), std::move(idf_weights));
}

}  // namespace batchwise
