// Texts to the numbers of their tokens, or to how often each token comes.
#pragma once

#include <memory>
#include <vector>

#include <batchwise/kernel.h>

#include "text/ngrams.h"
#include "text/token_index.h"

namespace batchwise {

// One text per sample -> int32 `numbers`, cut or padded with 0 behind.
std::unique_ptr<Kernel> make_token_sequence_kernel(std::shared_ptr<const TokenIndex> index, const TextRules& rules,
                                                   const Shape& numbers, int64_t grain);

// What a bag of tokens holds for each number: that it is there, how often, or that times a weight.
enum class Bag { MultiHot, Count, Weighted };
// One text per sample -> `width` float32. `weights`: one per number, for Bag::Weighted.
std::unique_ptr<Kernel> make_token_bag_kernel(std::shared_ptr<const TokenIndex> index, const TextRules& rules, Bag bag,
                                              std::vector<float> weights, int64_t width, int64_t grain);

}  // namespace batchwise
