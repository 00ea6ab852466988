// Ranks tokens by how often they were seen.
#include "text/token_counts.h"

#include <algorithm>
#include <cmath>

namespace batchwise {

template <class Token>
std::vector<Token> TokenCounts<Token>::ranked(int64_t most) const {
  std::vector<std::pair<int64_t, const Token*>> order;
  for (const auto& [token, count] : counts_) order.emplace_back(count.times, &token);
  std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : *a.second > *b.second;
  });
  if (most >= 0 && static_cast<int64_t>(order.size()) > most) order.resize(static_cast<size_t>(most));
  std::vector<Token> tokens;
  for (const auto& [times, token] : order) tokens.push_back(*token);
  return tokens;
}

template <class Token>
std::vector<float> inverse_document_frequencies(const TokenCounts<Token>& counts, const std::vector<Token>& tokens) {
  std::vector<float> weights;
  for (const Token& token : tokens) {
    const auto ratio =
        static_cast<float>(counts.documents()) / (1.0f + static_cast<float>(counts.documents_with(token)));
    weights.push_back(std::log(1.0f + ratio));
  }
  return weights;
}

template class TokenCounts<std::string>;
template class TokenCounts<int64_t>;
template std::vector<float> inverse_document_frequencies(const TokenCounts<std::string>&,
                                                         const std::vector<std::string>&);
template std::vector<float> inverse_document_frequencies(const TokenCounts<int64_t>&, const std::vector<int64_t>&);

}  // namespace batchwise
