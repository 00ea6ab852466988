// Scores of a few queries with all keys, and the way back.
#pragma once

#include <memory>

#include "kernels/attention.h"

namespace batchwise {

// One head of one group: where queries and keys lie, and the steps from one to the next.
struct AttentionHead {
  const float* queries = nullptr;
  int64_t query_step = 0;
  const float* keys = nullptr;
  int64_t key_step = 0;
};

struct AttentionWeights {
  const float* scale = nullptr;  // null: not learned
  const float* vector = nullptr;
  const float* weight = nullptr;
};
// Added to; null where not wanted.
struct AttentionGradients {
  float* queries = nullptr;  // laid out as the head's
  float* keys = nullptr;
  float* scale = nullptr;
  float* vector = nullptr;
  float* weight = nullptr;
};

constexpr int64_t kTile = 32;  // queries at a time, at most

class AttentionScores {
 public:
  virtual ~AttentionScores() = default;
  virtual int64_t scratch() const = 0;  // floats
  // `rounding`: where products round their operands to, see product/rounded_product.h; null: they do not.
  // Once for each head, before the others.
  virtual void prepare(const AttentionHead& head, float* scratch) const = 0;
  // scores: (rows, keys) of queries [first, first + rows).
  virtual void forward(const AttentionHead& head, const AttentionWeights& weights, int64_t first, int64_t rows,
                       float* scores, float* scratch, void* rounding) const = 0;
  // After forward of the same queries, whose scratch it reads. May overwrite the gradient; writes that of the queries,
  // adds to the others.
  virtual void backward(const AttentionHead& head, const AttentionWeights& weights, int64_t first, int64_t rows,
                        float* gradient, const AttentionGradients& gradients, float* scratch, void* rounding) const = 0;
};

std::unique_ptr<AttentionScores> make_attention_scores(const AttentionSpec& options);

}  // namespace batchwise
