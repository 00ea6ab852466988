// Arguments of the lookup layers, read and written as Keras has them.
#include "layers/lookup_settings.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

#include "layers/arguments.h"

namespace batchwise {
namespace {

constexpr const char* kIdf = "idf_weights";

}  // namespace

Encoding LookupSettings::encoding() const {
  return output_mode == "one_hot"     ? Encoding::OneHot
         : output_mode == "multi_hot" ? Encoding::MultiHot
                                      : Encoding::Count;
}

int64_t LookupSettings::width(int64_t size) const {
  if (pad_to_max_tokens && max_tokens) return *max_tokens;
  if (size > 0) return size;
  require(stated_size.has_value(), where,
          "the output's width is the vocabulary's size: call adapt, or give a vocabulary, before the layer is called.");
  return *stated_size;
}

void LookupSettings::check_size(int64_t size) const {
  require(!max_tokens || size <= *max_tokens, where,
          "the vocabulary with its special tokens must fit max_tokens=", max_tokens.value_or(0), ". Got ", size,
          " tokens.");
}

std::vector<float> LookupSettings::weights(const std::vector<float>& of_tokens, const IndexRules& rules) const {
  if (output_mode != "tf_idf") return {};
  const float sum = std::accumulate(of_tokens.begin(), of_tokens.end(), 0.0f);
  std::vector<float> all(static_cast<size_t>(rules.first_token()),
                         of_tokens.empty() ? 0.0f : sum / static_cast<float>(of_tokens.size()));
  all.insert(all.end(), of_tokens.begin(), of_tokens.end());
  return all;
}

Config::Object LookupSettings::config(const Config& vocabulary, const std::vector<float>& idf, int64_t size) const {
  Config::List weights;
  for (const float weight : idf) weights.emplace_back(weight);
  const Config known = size > 0 ? Config(size) : stated_size ? Config(*stated_size) : Config();
  return {{"max_tokens", max_tokens ? Config(*max_tokens) : Config()},
          {"output_mode", output_mode},
          {"pad_to_max_tokens", pad_to_max_tokens},
          {"sparse", false},
          {"vocabulary", vocabulary},
          {"idf_weights", idf.empty() ? Config() : Config(weights)},
          {"vocabulary_size", known}};
}

LookupSettings read_lookup_settings(std::string where, const Config& config, int64_t default_oov) {
  LookupSettings settings;
  settings.where = std::move(where);
  const std::string& at = settings.where;
  if (const Config* most = config.find("max_tokens"); most && !most->is_null())
    settings.max_tokens = most->as_int(at + ".max_tokens");
  settings.num_oov = config.get("num_oov_indices", default_oov);
  settings.output_mode = config.get("output_mode", "int");
  settings.pad_to_max_tokens = config.get("pad_to_max_tokens", false);
  if (const Config* size = config.find("vocabulary_size"); size && !size->is_null())
    settings.stated_size = size->as_int(at + ".vocabulary_size");
  const std::vector<std::string> modes{"int", "one_hot", "multi_hot", "count", "tf_idf"};
  require(std::find(modes.begin(), modes.end(), settings.output_mode) != modes.end(), at,
          "output_mode must be \"int\", \"one_hot\", \"multi_hot\", \"count\" or \"tf_idf\". Got \"",
          settings.output_mode, "\".");
  require(settings.num_oov >= 0, at, "num_oov_indices must not be negative. Got ", settings.num_oov, ".");
  require(!settings.max_tokens || *settings.max_tokens > 1, at, "max_tokens must be more than 1. Got ",
          settings.max_tokens.value_or(0), ".");
  require(!settings.pad_to_max_tokens || settings.max_tokens, at, "pad_to_max_tokens needs max_tokens. Got none.");
  require(!settings.stated_size || *settings.stated_size >= 0, at, "vocabulary_size must not be negative. Got ",
          settings.stated_size.value_or(0), ".");
  require(config.get("oov_method", "floormod") == "floormod", at, "oov_method must be \"floormod\". Got \"",
          config.get("oov_method", ""), "\".");
  require(!config.find("salt") || config.at("salt").is_null(), at, "salt must be null. Got ",
          config.find("salt") ? config.at("salt").text().substr(0, 100) : "", ".");
  for (const char* key : {"sparse", "ragged"})
    require(!config.get(key, false), at, key, " must be false: tensors are dense. Got true.");
  require(config.get("encoding", "utf-8") == "utf-8", at, "encoding must be \"utf-8\". Got \"",
          config.get("encoding", ""), "\".");
  return settings;
}

std::vector<std::string> read_vocabulary(const LookupSettings& settings, const Config& config) {
  const Config* given = config.find("vocabulary");
  std::vector<std::string> tokens;
  if (!given || given->is_null()) return tokens;
  require(given->is_list(), settings.where,
          "vocabulary must be a list of tokens: files that a model file names are not read. Got ",
          given->text().substr(0, 60), ".");
  for (const Config& token : given->as_list())
    tokens.push_back(token.is_int() ? std::to_string(token.as_int()) : token.as_string(settings.where + ".vocabulary"));
  require(!tokens.empty(), settings.where, "vocabulary must not be empty. Got [].");
  return tokens;
}

std::vector<float> read_idf_weights(const LookupSettings& settings, const Config& config, size_t tokens) {
  const Config* given = config.find("idf_weights");
  std::vector<float> weights;
  if (!given || given->is_null()) return weights;
  for (const Config& weight : given->as_list(settings.where + ".idf_weights"))
    weights.push_back(static_cast<float>(weight.as_number(settings.where + ".idf_weights")));
  require(settings.output_mode == "tf_idf", settings.where, "idf_weights go with output_mode \"tf_idf\". Got \"",
          settings.output_mode, "\".");
  require(weights.size() == tokens, settings.where, "idf_weights must be one per token of the vocabulary. Got ",
          weights.size(), " for ", tokens, ".");
  return weights;
}

std::vector<Asset> vocabulary_asset(const std::vector<std::string>& tokens) {
  std::string lines;
  for (const std::string& token : tokens) lines += (&token == tokens.data() ? "" : "\n") + token;
  return {{"vocabulary.txt", std::move(lines)}};
}

std::vector<std::string> read_vocabulary_asset(const LookupSettings& settings, const std::vector<Asset>& assets) {
  for (const Asset& asset : assets)
    require(asset.name == "vocabulary.txt", settings.where, "the layer keeps vocabulary.txt alone. Got ", asset.name,
            ".");
  require(assets.size() == 1, settings.where, "the file must hold the layer's vocabulary.txt. Got none.");
  std::vector<std::string> tokens;
  const std::string& lines = assets.front().contents;
  for (size_t at = 0; at <= lines.size();) {
    const size_t end = std::min(lines.find('\n', at), lines.size());
    tokens.push_back(lines.substr(at, end - at));
    at = end + 1;
  }
  return tokens;
}

Asset idf_asset(const LookupSettings& settings, const std::vector<float>& of_tokens, const IndexRules& rules) {
  std::vector<float> all = settings.weights(of_tokens, rules);
  if (settings.pad_to_max_tokens && settings.max_tokens) all.resize(static_cast<size_t>(*settings.max_tokens), 0.0f);
  Asset asset{kIdf, std::string(all.size() * sizeof(float), '\0')};
  std::memcpy(asset.contents.data(), all.data(), asset.contents.size());
  return asset;
}

std::vector<float> take_idf_asset(std::vector<Asset>& assets) {
  std::vector<float> weights;
  for (const Asset& asset : assets) {
    if (asset.name != kIdf) continue;
    weights.resize(asset.contents.size() / sizeof(float));
    std::memcpy(weights.data(), asset.contents.data(), weights.size() * sizeof(float));
  }
  std::erase_if(assets, [](const Asset& asset) { return asset.name == kIdf; });
  return weights;
}

std::vector<float> idf_of_tokens(const LookupSettings& settings, const std::vector<float>& of_all, size_t tokens,
                                 const IndexRules& rules) {
  if (settings.output_mode != "tf_idf") return {};
  const size_t special = static_cast<size_t>(rules.first_token());
  require(!of_all.empty(), settings.where, "the file must hold the idf_weights of the tokens. Got none.");
  require(of_all.size() >= special + tokens, settings.where, "idf_weights must be one for each of ", special + tokens,
          " numbers. Got ", of_all.size(), ".");
  const auto first = of_all.begin() + static_cast<std::ptrdiff_t>(special);
  std::vector<float> own(first, first + static_cast<std::ptrdiff_t>(tokens));
  const std::vector<float> made = settings.weights(own, rules);
  for (size_t i = 0; i < of_all.size(); ++i) {
    const float wanted = i < made.size() ? made[i] : 0.0f;
    require(std::fabs(of_all[i] - wanted) <= 1e-5f * std::max(1.0f, std::fabs(wanted)), settings.where,
            "numbers that stand for no token must have the tokens' mean weight, or 0 behind them. Got ", of_all[i],
            " in place of ", wanted, ".");
  }
  return own;
}

bool fits_lines(const std::vector<std::string>& tokens) {
  return std::none_of(tokens.begin(), tokens.end(),
                      [](const std::string& token) { return token.find_first_of("\n\r") != std::string::npos; });
}

std::vector<std::string> without_special(const LookupSettings& settings, std::vector<std::string> tokens,
                                         const std::vector<std::string>& special) {
  const auto is_special = [&](const std::string& token) {
    return std::find(special.begin(), special.end(), token) != special.end();
  };
  size_t front = 0;
  if (!tokens.empty() && !special.empty() && tokens.front() == special.front()) {
    while (front < special.size() && front < tokens.size() && tokens[front] == special[front]) ++front;
    require(front == special.size(), settings.where, "a vocabulary with special tokens must begin with all ",
            special.size(), " of them. Got ", front, ".");
  }
  tokens.erase(tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(front));
  for (const std::string& token : tokens)
    require(!is_special(token), settings.where, "special tokens must stand in front of the vocabulary. Got \"", token,
            "\" inside.");
  return tokens;
}

}  // namespace batchwise
