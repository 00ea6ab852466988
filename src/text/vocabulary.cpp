// Open addressing over the hash of a token's bytes, which are hashed while they are standardised.
#include "text/vocabulary.h"

#include <algorithm>

#include <batchwise/error.h>

namespace batchwise {
namespace {

// FNV-1a with a final mix: byte after byte, as the bytes come out of a standardisation.
struct ByteHash {
  uint64_t state = 0xCBF29CE484222325;
  void add(unsigned char byte) { state = (state ^ byte) * 0x100000001B3; }
  uint64_t value() const {
    const uint64_t mixed = (state ^ (state >> 32)) * 0x9E3779B97F4A7C15;
    return mixed ^ (mixed >> 29);
  }
};

uint64_t hash_of(std::string_view token) {
  ByteHash hash;
  for (const char c : token) hash.add(static_cast<unsigned char>(c));
  return hash.value();
}

}  // namespace

Vocabulary::Vocabulary(std::vector<std::string> tokens, std::string_view where) : tokens_(std::move(tokens)) {
  require(tokens_.size() < (size_t{1} << 30), where, "a vocabulary may have at most 2^30 tokens. Got ", tokens_.size(),
          ".");
  size_t slots = 4;
  while (slots < 2 * tokens_.size()) slots *= 2;
  table_.assign(slots, -1);
  for (size_t i = 0; i < tokens_.size(); ++i) {
    size_t slot = hash_of(tokens_[i]) & (slots - 1);
    for (; table_[slot] >= 0; slot = (slot + 1) & (slots - 1))
      require(tokens_[static_cast<size_t>(table_[slot])] != tokens_[i], where,
              "the vocabulary must have every token once. Got \"", tokens_[i], "\" twice.");
    table_[slot] = static_cast<int32_t>(i);
  }
}

template <class Equal>
int64_t Vocabulary::look(uint64_t hash, Equal equal) const {
  if (table_.empty()) return -1;
  for (size_t slot = hash & (table_.size() - 1); table_[slot] >= 0; slot = (slot + 1) & (table_.size() - 1))
    if (equal(tokens_[static_cast<size_t>(table_[slot])])) return table_[slot];
  return -1;
}

int64_t Vocabulary::find(std::string_view token) const {
  return look(hash_of(token), [&](const std::string& known) { return known == token; });
}

int64_t Vocabulary::find(TokenRun run) const {
  ByteHash hash;
  each_byte(run, [&](unsigned char byte) {
    hash.add(byte);
    return true;
  });
  return look(hash.value(), [&](const std::string& known) {
    size_t at = 0;
    bool same = true;
    each_byte(run, [&](unsigned char byte) {
      same = at < known.size() && static_cast<unsigned char>(known[at]) == byte;
      ++at;
      return same;
    });
    return same && at == known.size();
  });
}

IntegerVocabulary::IntegerVocabulary(std::vector<int64_t> values, std::string_view where) : values_(std::move(values)) {
  for (size_t i = 0; i < values_.size(); ++i) sorted_.emplace_back(values_[i], static_cast<int64_t>(i));
  std::sort(sorted_.begin(), sorted_.end());
  for (size_t i = 1; i < sorted_.size(); ++i)
    require(sorted_[i].first != sorted_[i - 1].first, where, "the vocabulary must have every value once. Got ",
            sorted_[i].first, " twice.");
}

int64_t IntegerVocabulary::find(int64_t value) const {
  const auto at = std::lower_bound(sorted_.begin(), sorted_.end(), std::pair<int64_t, int64_t>(value, 0));
  return at != sorted_.end() && at->first == value ? at->second : -1;
}

}  // namespace batchwise
