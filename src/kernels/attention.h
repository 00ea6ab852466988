// Attention: every query's weighted mean of the values, without a matrix of all scores.
#pragma once

#include <memory>
#include <optional>

#include <batchwise/kernel.h>

namespace batchwise {

// How scores of a query and a key come about.
enum class AttentionScore {
  Dot,   // scale * sum of q * k
  Tanh,  // weight * sum of u * tanh(scale * (q + k))
};
// What masked scores become before the softmax, which shows where a whole row is masked.
enum class MaskedScore {
  Replaced,         // by a large negative number: the mean of all values
  ReplacedAndZero,  // the same, and the weights are 0 after the softmax
  Lowered,          // by 1e9
};

struct AttentionSpec {
  int64_t groups = 1;  // of one sample, each with attention of its own
  int64_t queries = 0, keys = 0;
  int64_t heads = 1, key_heads = 1;  // heads is a multiple of key_heads
  int64_t depth = 0, value_depth = 0;
  AttentionScore score = AttentionScore::Dot;
  double scale = 1;
  bool learned_scale = false;   // a weight () multiplies `scale`
  bool learned_vector = false;  // Tanh: u is a weight (depth), else ones
  bool learned_weight = false;  // Tanh: a weight ()
  MaskedScore masked = MaskedScore::Replaced;
  bool causal = false;            // query i sees keys j <= i
  std::optional<int64_t> window;  // and |i - j| < window
  int64_t pair_mask_heads = 0;    // 0: no mask of pairs; 1: one for all heads; else one for each
  bool query_mask = false, key_mask = false;
  int key_masks = 0;  // how many masks of keys follow
  bool returns_scores = false;
  bool scores_after_dropout = false;
  double dropout = 0;  // of the weights
  uint64_t key = 0;    // addresses its randomness
  bool learns = true;
  bool bfloat16 = false;  // operands of products are rounded, sums and the softmax are not
  Shape output;           // as the layer wants it: groups * queries * heads * value_depth elements
  Shape scores;           // groups * heads * queries * keys elements
  int64_t grain = 1;
};

// Inputs: queries (groups, queries, heads, depth), keys (groups, keys, key_heads, depth), values (groups, keys,
// key_heads, value_depth); then, as bool, the query mask (queries), key_masks masks of keys (keys), the mask of pairs
// (heads or 1, queries, keys). Outputs: the result (groups, queries, heads, value_depth), and the scores when wanted.
// Weights: scale, vector, weight: those that are learned, in this order. Scratch grows with keys, not with
// keys * queries; the backward pass computes the scores again.
std::unique_ptr<Kernel> make_attention_kernel(const AttentionSpec& options);

}  // namespace batchwise
