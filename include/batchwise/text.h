// Text as numbers without a model: Keras's Tokenizer, pad_sequences and the hashing trick.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <batchwise/array.h>

namespace batchwise {

inline constexpr char kTokenFilters[] = "!\"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n";

struct WordOptions {
  std::string filters = kTokenFilters;  // characters that are taken for the separator
  bool lower = true;                    // by Unicode, as Python does
  std::string split = " ";
};
std::vector<std::string> text_to_word_sequence(const std::string& text, const WordOptions& options = {});

struct TokenizerOptions {
  std::optional<int64_t> num_words;  // only the num_words - 1 most frequent words get through
  std::string filters = kTokenFilters;
  bool lower = true;
  std::string split = " ";
  bool char_level = false;
  std::optional<std::string> oov_token;  // stands for words that do not get through; else they are left out
};

// Keras's legacy Tokenizer: words are numbered from 1 by how often they came, equally frequent ones by who came first.
class Tokenizer {
 public:
  using Sequence = std::vector<int64_t>;
  explicit Tokenizer(TokenizerOptions options = {});

  void fit_on_texts(const std::vector<std::string>& texts);                   // may be called again: counts add up
  void fit_on_words(const std::vector<std::vector<std::string>>& documents);  // split already
  std::vector<Sequence> texts_to_sequences(const std::vector<std::string>& texts) const;
  std::vector<Sequence> words_to_sequences(const std::vector<std::vector<std::string>>& documents) const;
  std::vector<std::string> sequences_to_texts(const std::vector<Sequence>& sequences) const;
  // (texts, num_words or vocabulary + 1) of float64. mode: "binary", "count", "freq" or "tfidf".
  Array sequences_to_matrix(const std::vector<Sequence>& sequences, const std::string& mode = "binary") const;
  Array texts_to_matrix(const std::vector<std::string>& texts, const std::string& mode = "binary") const;

  const std::map<std::string, int64_t>& word_index() const { return word_index_; }
  int64_t word_count(const std::string& word) const;      // how often it came
  int64_t documents_with(const std::string& word) const;  // texts that hold it
  int64_t document_count() const { return documents_; }

 private:
  std::vector<std::string> words_of(const std::string& text) const;
  std::vector<std::string> words_of(const std::vector<std::string>& document) const;
  void count(const std::vector<std::string>& words);
  void number_words();
  Sequence sequence_of(const std::vector<std::string>& words) const;

  struct Seen {
    int64_t times = 0, documents = 0, first = 0;
  };
  TokenizerOptions options_;
  std::unordered_map<std::string, Seen> seen_;
  std::map<std::string, int64_t> word_index_;
  std::vector<std::string> words_;  // by number; [0] stands for none
  std::vector<int64_t> document_counts_;
  int64_t documents_ = 0;
};

struct PadOptions {
  std::optional<int64_t> maxlen;  // the longest sequence's when not given
  DType dtype = DType::Int32;
  std::string padding = "pre";     // or "post"
  std::string truncating = "pre";  // or "post"
  double value = 0;
};
// Sequences as rows of one length: (N, maxlen). Values that the dtype cannot hold are refused.
Array pad_sequences(const std::vector<std::vector<int64_t>>& sequences, const PadOptions& options = {});
Array pad_sequences(const std::vector<std::vector<double>>& sequences, const PadOptions& options = {});

// Words as numbers from 1 to n - 1 by their MD5. Keras's default hash differs from run to run; this one does not.
std::vector<int64_t> hashing_trick(const std::string& text, int64_t n, const WordOptions& options = {});
inline std::vector<int64_t> one_hot(const std::string& text, int64_t n, const WordOptions& options = {}) {
  return hashing_trick(text, n, options);
}

}  // namespace batchwise
