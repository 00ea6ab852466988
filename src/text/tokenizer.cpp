// Keras's legacy Tokenizer and what belongs to it.
#include <algorithm>
#include <cmath>
#include <set>

#include <batchwise/error.h>
#include <batchwise/text.h>

#include "text/fingerprint.h"
#include "text/lower_case.h"
#include "text/pieces.h"

namespace batchwise {
namespace {

std::vector<std::string_view> characters_of(std::string_view text) {
  std::vector<std::string_view> all;
  while (!text.empty()) {
    const auto size = static_cast<size_t>(std::max(code_point_bytes(text), 1));
    all.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return all;
}

}  // namespace

std::vector<std::string> text_to_word_sequence(const std::string& text, const WordOptions& options) {
  require(!options.split.empty(), "text_to_word_sequence", "split must not be empty. Got \"\".");
  const std::string lowered = options.lower ? lower_case(text) : text;
  const auto filters = characters_of(options.filters);
  std::string shown;
  for (const std::string_view character : characters_of(lowered))
    if (std::find(filters.begin(), filters.end(), character) != filters.end()) shown += options.split;
    else shown += character;
  std::vector<std::string> words;
  for (size_t at = 0; at <= shown.size();) {
    const size_t end = std::min(shown.find(options.split, at), shown.size());
    if (end > at) words.push_back(shown.substr(at, end - at));
    at = end + options.split.size();
  }
  return words;
}

Tokenizer::Tokenizer(TokenizerOptions options) : options_(std::move(options)) {
  require(!options_.num_words || *options_.num_words > 0, "Tokenizer", "num_words must be positive. Got ",
          options_.num_words.value_or(0), ".");
}

std::vector<std::string> Tokenizer::words_of(const std::string& text) const {
  if (!options_.char_level) return text_to_word_sequence(text, {options_.filters, options_.lower, options_.split});
  const std::string lowered = options_.lower ? lower_case(text) : text;
  const auto characters = characters_of(lowered);
  return {characters.begin(), characters.end()};
}

std::vector<std::string> Tokenizer::words_of(const std::vector<std::string>& document) const {
  std::vector<std::string> words = document;
  if (options_.lower)
    for (std::string& word : words) word = lower_case(word);
  return words;
}

void Tokenizer::count(const std::vector<std::string>& words) {
  ++documents_;
  for (const std::string& word : words) {
    const auto [at, fresh] = seen_.try_emplace(word);
    if (fresh) at->second.first = static_cast<int64_t>(seen_.size());
    ++at->second.times;
  }
  for (const std::string& word : std::set<std::string>(words.begin(), words.end())) ++seen_[word].documents;
}

void Tokenizer::number_words() {
  std::vector<std::pair<const std::string*, const Seen*>> order;
  for (const auto& [word, seen] : seen_) order.emplace_back(&word, &seen);
  std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return a.second->times != b.second->times ? a.second->times > b.second->times : a.second->first < b.second->first;
  });
  words_ = {""};
  document_counts_ = {0};
  word_index_.clear();
  const auto add = [&](const std::string& word, int64_t documents) {
    word_index_[word] = static_cast<int64_t>(words_.size());
    words_.push_back(word);
    document_counts_.push_back(documents);
  };
  if (options_.oov_token) add(*options_.oov_token, 0);
  for (const auto& [word, seen] : order) add(*word, seen->documents);
}

void Tokenizer::fit_on_texts(const std::vector<std::string>& texts) {
  for (const std::string& text : texts) count(words_of(text));
  number_words();
}

void Tokenizer::fit_on_words(const std::vector<std::vector<std::string>>& documents) {
  for (const auto& document : documents) count(words_of(document));
  number_words();
}

Tokenizer::Sequence Tokenizer::sequence_of(const std::vector<std::string>& words) const {
  Sequence sequence;
  const auto oov = options_.oov_token ? word_index_.find(*options_.oov_token) : word_index_.end();
  for (const std::string& word : words) {
    const auto at = word_index_.find(word);
    const bool passes = at != word_index_.end() && (!options_.num_words || at->second < *options_.num_words);
    if (passes) sequence.push_back(at->second);
    else if (oov != word_index_.end()) sequence.push_back(oov->second);
  }
  return sequence;
}

std::vector<Tokenizer::Sequence> Tokenizer::texts_to_sequences(const std::vector<std::string>& texts) const {
  std::vector<Sequence> all;
  for (const std::string& text : texts) all.push_back(sequence_of(words_of(text)));
  return all;
}

std::vector<Tokenizer::Sequence> Tokenizer::words_to_sequences(
    const std::vector<std::vector<std::string>>& documents) const {
  std::vector<Sequence> all;
  for (const auto& document : documents) all.push_back(sequence_of(words_of(document)));
  return all;
}

std::vector<std::string> Tokenizer::sequences_to_texts(const std::vector<Sequence>& sequences) const {
  std::vector<std::string> texts;
  for (const Sequence& sequence : sequences) {
    std::string text;
    bool first = true;
    for (const int64_t id : sequence) {
      const bool known = id > 0 && id < static_cast<int64_t>(words_.size());
      const bool passes = known && (!options_.num_words || id < *options_.num_words);
      if (!passes && !options_.oov_token) continue;
      if (!first) text += ' ';
      first = false;
      text += passes ? words_[static_cast<size_t>(id)] : *options_.oov_token;
    }
    texts.push_back(std::move(text));
  }
  return texts;
}

Array Tokenizer::sequences_to_matrix(const std::vector<Sequence>& sequences, const std::string& mode) const {
  const std::string where = "Tokenizer";
  require(mode == "binary" || mode == "count" || mode == "freq" || mode == "tfidf", where,
          "mode must be \"binary\", \"count\", \"freq\" or \"tfidf\". Got \"", mode, "\".");
  require(options_.num_words || !word_index_.empty(), where,
          "a matrix needs num_words, or texts that the tokenizer was fitted on. Got neither.");
  require(mode != "tfidf" || documents_ > 0, where, "mode \"tfidf\" needs texts that the tokenizer was fitted on.");
  const int64_t width = options_.num_words.value_or(static_cast<int64_t>(word_index_.size()) + 1);
  Array matrix(DType::Float64, {static_cast<int64_t>(sequences.size()), width});
  for (size_t row = 0; row < sequences.size(); ++row) {
    double* out = matrix.data<double>() + static_cast<int64_t>(row) * width;
    for (const int64_t id : sequences[row]) {
      require(id >= 0, where, "numbers of words must not be negative. Got ", id, ".");
      if (id < width) out[id] += 1;
    }
    for (int64_t id = 0; id < width; ++id) {
      if (out[id] == 0) continue;
      const auto known = static_cast<size_t>(id) < document_counts_.size();
      const double documents = known ? static_cast<double>(document_counts_[static_cast<size_t>(id)]) : 0.0;
      if (mode == "binary") out[id] = 1;
      else if (mode == "freq") out[id] /= static_cast<double>(sequences[row].size());
      else if (mode == "tfidf")
        out[id] = (1 + std::log(out[id])) * std::log(1 + static_cast<double>(documents_) / (1 + documents));
    }
  }
  return matrix;
}

Array Tokenizer::texts_to_matrix(const std::vector<std::string>& texts, const std::string& mode) const {
  return sequences_to_matrix(texts_to_sequences(texts), mode);
}

int64_t Tokenizer::word_count(const std::string& word) const {
  const auto at = seen_.find(word);
  return at == seen_.end() ? 0 : at->second.times;
}

int64_t Tokenizer::documents_with(const std::string& word) const {
  const auto at = seen_.find(word);
  return at == seen_.end() ? 0 : at->second.documents;
}

std::vector<int64_t> hashing_trick(const std::string& text, int64_t n, const WordOptions& options) {
  require(n >= 2, "hashing_trick", "n must be at least 2: 0 is no word. Got ", n, ".");
  std::vector<int64_t> ids;
  for (const std::string& word : text_to_word_sequence(text, options)) {
    uint64_t rest = 0;  // of the digest, a number of 128 bits, divided by n - 1
    for (const uint8_t byte : md5(word))
      rest = static_cast<uint64_t>((static_cast<unsigned __int128>(rest) << 8 | byte) % static_cast<uint64_t>(n - 1));
    ids.push_back(static_cast<int64_t>(rest) + 1);
  }
  return ids;
}

}  // namespace batchwise
