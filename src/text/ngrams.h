// Runs of tokens as tokens of their own: all single ones of a text, then all pairs, and so on.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "text/pieces.h"

namespace batchwise {

constexpr int kMostNgrams = 16;  // tokens that one run may join

// The tokens of a run, joined by single spaces.
using TokenRun = std::span<const Piece>;

template <class See>
void each_byte(TokenRun run, See see) {  // see(byte) -> go on?
  bool more = true;
  for (size_t i = 0; i < run.size() && more; ++i) {
    if (i > 0 && !(more = see(static_cast<unsigned char>(' ')))) return;
    run[i].each_byte([&](unsigned char byte) { return more = see(byte); });
  }
}
std::string shown(TokenRun run);

// How text becomes runs: Keras's standardize, split and ngrams.
struct TextRules {
  Standardize standardize{true, true};
  Split split = Split::Whitespace;
  std::vector<int> ngrams{1};  // how many tokens to a run, in this order; each from 1 to kMostNgrams
};

// Calls see(TokenRun) for each token run of the text, until it returns false. Walks once per length, allocates nothing.
template <class See>
void each_run(std::string_view text, const TextRules& rules, See see) {
  for (const int length : rules.ngrams) {
    std::array<Piece, 2 * kMostNgrams> window;  // the last `length` pieces stand one after another somewhere in it
    size_t filled = 0;
    const auto n = static_cast<size_t>(length);
    Pieces pieces(text, rules.standardize, rules.split);
    for (Piece piece; pieces.next(&piece);) {
      if (filled == window.size()) {
        std::copy(window.end() - static_cast<std::ptrdiff_t>(n - 1), window.end(), window.begin());
        filled = n - 1;
      }
      window[filled++] = piece;
      if (filled >= n && !see(TokenRun(window.data() + filled - n, n))) return;
    }
  }
}

}  // namespace batchwise
