// Looks tokens up, and shares numbers among those that are not known.
#include "text/token_index.h"

#include <batchwise/error.h>

#include "text/fingerprint.h"

namespace batchwise {

TokenIndex::TokenIndex(Vocabulary vocabulary, IndexRules rules, std::optional<std::string> mask, std::string where)
    : vocabulary_(std::move(vocabulary)), rules_(rules), mask_(std::move(mask)), where_(std::move(where)) {}

int64_t TokenIndex::number(std::string_view token) const {
  if (mask_ && token == *mask_) return rules_.masked ? 0 : kDropped;
  const int64_t place = vocabulary_.find(token);
  if (place >= 0) return rules_.first_token() + place;
  if (rules_.num_oov == 0)
    fail_run(where_, "with num_oov_indices=0 every token must be in the vocabulary. Got \"", token.substr(0, 60),
             "\".");
  if (rules_.num_oov == 1) return rules_.first_oov();
  return rules_.first_oov() + static_cast<int64_t>(farm_fingerprint(token) % static_cast<uint64_t>(rules_.num_oov));
}

int64_t TokenIndex::number(TokenRun run) const {
  if (mask_ && mask_->empty()) {
    bool empty = true;
    each_byte(run, [&](unsigned char) { return empty = false; });
    if (empty) return rules_.masked ? 0 : kDropped;
  }
  const int64_t place = vocabulary_.find(run);
  return place >= 0 ? rules_.first_token() + place : rules_.first_oov();
}

IntegerIndex::IntegerIndex(IntegerVocabulary vocabulary, IndexRules rules, std::optional<int64_t> mask,
                           std::string where)
    : vocabulary_(std::move(vocabulary)), rules_(rules), mask_(mask), where_(std::move(where)) {}

int64_t IntegerIndex::number(int64_t value) const {
  if (mask_ && value == *mask_) return rules_.masked ? 0 : kDropped;
  const int64_t place = vocabulary_.find(value);
  if (place >= 0) return rules_.first_token() + place;
  if (rules_.num_oov == 0)
    fail_run(where_, "with num_oov_indices=0 every value must be in the vocabulary. Got ", value, ".");
  const int64_t rest = value % rules_.num_oov;
  return rules_.first_oov() + (rest < 0 ? rest + rules_.num_oov : rest);
}

}  // namespace batchwise
