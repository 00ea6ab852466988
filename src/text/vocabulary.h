// Tokens by number: a table that is asked without allocating.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "text/ngrams.h"

namespace batchwise {

// Immutable after it is made; shared between threads.
class Vocabulary {
 public:
  Vocabulary() = default;
  // Throws Error(Input) naming the first token that stands there twice.
  Vocabulary(std::vector<std::string> tokens, std::string_view where);

  int64_t size() const { return static_cast<int64_t>(tokens_.size()); }
  const std::vector<std::string>& tokens() const { return tokens_; }
  int64_t find(TokenRun run) const;  // -1: not there
  int64_t find(std::string_view token) const;

 private:
  template <class Equal>
  int64_t look(uint64_t hash, Equal equal) const;

  std::vector<std::string> tokens_;
  std::vector<int32_t> table_;  // places in tokens_, -1: free; a power of two long, at most half full
};

// Integers by number.
class IntegerVocabulary {
 public:
  IntegerVocabulary() = default;
  IntegerVocabulary(std::vector<int64_t> values, std::string_view where);
  int64_t size() const { return static_cast<int64_t>(values_.size()); }
  const std::vector<int64_t>& values() const { return values_; }
  int64_t find(int64_t value) const;

 private:
  std::vector<int64_t> values_;
  std::vector<std::pair<int64_t, int64_t>> sorted_;  // value, place
};

}  // namespace batchwise
