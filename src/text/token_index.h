// Numbers of tokens as Keras's lookup layers give them: the mask, then what is not known, then the vocabulary.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "text/vocabulary.h"

namespace batchwise {

constexpr int64_t kDropped = -1;  // stands for a token that has no number: it counts nowhere

struct IndexRules {
  int64_t num_oov = 1;  // numbers that unknown tokens share by their hash; 0: they are refused
  bool masked = false;  // number 0 is the mask's
  int64_t first_oov() const { return masked ? 1 : 0; }
  int64_t first_token() const { return first_oov() + num_oov; }
};

// Immutable, shared between threads; asking allocates nothing.
class TokenIndex {
 public:
  // `mask`: the token that means "nothing". Where it has no number (rules.masked is false) it is dropped.
  TokenIndex(Vocabulary vocabulary, IndexRules rules, std::optional<std::string> mask, std::string where);

  int64_t size() const { return rules_.first_token() + vocabulary_.size(); }  // numbers in all
  const Vocabulary& vocabulary() const { return vocabulary_; }
  const IndexRules& rules() const { return rules_; }
  int64_t number(std::string_view token) const;
  int64_t number(TokenRun run) const;  // REQUIRES: num_oov is at most 1

 private:
  Vocabulary vocabulary_;
  IndexRules rules_;
  std::optional<std::string> mask_;
  std::string where_;
};

// The same of integers; unknown ones share numbers by their remainder.
class IntegerIndex {
 public:
  IntegerIndex(IntegerVocabulary vocabulary, IndexRules rules, std::optional<int64_t> mask, std::string where);

  int64_t size() const { return rules_.first_token() + vocabulary_.size(); }
  const IntegerVocabulary& vocabulary() const { return vocabulary_; }
  const IndexRules& rules() const { return rules_; }
  int64_t number(int64_t value) const;

 private:
  IntegerVocabulary vocabulary_;
  IndexRules rules_;
  std::optional<int64_t> mask_;
  std::string where_;
};

}  // namespace batchwise
