// Counts tokens and the documents that hold them, and makes the vocabulary that Keras would.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace batchwise {

template <class Token>
class TokenCounts {
 public:
  void add(const Token& token) {
    Count& count = counts_[token];
    ++count.times;
    if (count.last_document != documents_) {
      count.last_document = documents_;
      ++count.documents;
    }
  }
  void end_document() { ++documents_; }
  void leave_out(const Token& token) { counts_.erase(token); }

  int64_t documents() const { return documents_; }
  int64_t documents_with(const Token& token) const {
    const auto at = counts_.find(token);
    return at == counts_.end() ? 0 : at->second.documents;
  }
  // The most frequent first; of equally frequent ones the last in the order of tokens first, as Keras has it.
  // At most `most` of them (-1: all).
  std::vector<Token> ranked(int64_t most) const;

 private:
  struct Count {
    int64_t times = 0, documents = 0, last_document = -1;
  };
  std::unordered_map<Token, Count> counts_;
  int64_t documents_ = 0;
};

extern template class TokenCounts<std::string>;
extern template class TokenCounts<int64_t>;

// Weights of the tokens by Keras's smoothed rule: log(1 + documents / (1 + documents with the token)).
template <class Token>
std::vector<float> inverse_document_frequencies(const TokenCounts<Token>& counts, const std::vector<Token>& tokens);

}  // namespace batchwise
