// Scores of a few queries with all keys: matrix products, or a row of tanh for each pair.
#include "kernels/attention_scores.h"

#include <algorithm>

#include "kernels/product/rounded_product.h"
#include "kernels/product/transpose.h"
#include "kernels/simd/activation_table.h"
#include "kernels/simd/binary_table.h"

namespace batchwise {
namespace {

class DotScores final : public AttentionScores {
 public:
  explicit DotScores(const AttentionSpec& options)
      : keys_(options.keys), depth_(options.depth), scale_(static_cast<float>(options.scale)) {}
  int64_t scratch() const override { return keys_ * depth_ + kTile * depth_; }

  void prepare(const AttentionHead& head, float* scratch) const override {
    transpose_rows(head.keys, head.key_step, keys_, depth_, scratch);
  }

  // The scale goes into the queries, which are fewer than the scores.
  void forward(const AttentionHead& head, const AttentionWeights& weights, int64_t first, int64_t rows, float* scores,
               float* scratch, void* rounding) const override {
    float* scaled = scratch + keys_ * depth_;
    for (int64_t i = 0; i < rows; ++i)
      scale(head.queries + (first + i) * head.query_step, scale_of(weights), scaled + i * depth_);
    Product product;
    product.rows = rows;
    product.columns = keys_;
    product.length = depth_;
    product.a = scaled;
    product.a_row = depth_;
    product.b = scratch;
    product.b_step = keys_;
    product.c = scores;
    product.c_row = keys_;
    multiply(product, rounding);
  }

  void backward(const AttentionHead& head, const AttentionWeights& weights, int64_t first, int64_t rows,
                float* gradient, const AttentionGradients& gradients, float* scratch, void* rounding) const override {
    if (gradients.scale) {  // sum of gradient * q k: the product again, a row at a time
      for (int64_t i = 0; i < rows; ++i)
        for (int64_t j = 0; j < keys_; ++j) {
          float dot = 0;
          for (int64_t k = 0; k < depth_; ++k)
            dot += head.queries[(first + i) * head.query_step + k] * scratch[k * keys_ + j];
          *gradients.scale += gradient[i * keys_ + j] * dot * scale_;
        }
    }
    Product product;
    product.columns = depth_;
    product.a = gradient;
    if (gradients.queries) {
      float* result = gradients.queries + first * head.query_step;
      product.rows = rows;
      product.length = keys_;
      product.a_row = keys_;
      product.b = head.keys;
      product.b_step = head.key_step;
      product.c = result;
      product.c_row = head.query_step;
      multiply(product, rounding);
      for (int64_t i = 0; i < rows; ++i)
        scale(result + i * head.query_step, scale_of(weights), result + i * head.query_step);
    }
    if (gradients.keys) {
      product.accumulate = true;
      product.rows = keys_;
      product.length = rows;
      product.a_row = 1;
      product.a_step = keys_;
      product.b = scratch + keys_ * depth_;
      product.b_step = depth_;
      product.c = gradients.keys;
      product.c_row = head.key_step;
      multiply(product, rounding);
    }
  }

 private:
  float scale_of(const AttentionWeights& weights) const { return weights.scale ? scale_ * *weights.scale : scale_; }
  void scale(const float* row, float by, float* to) const { multiply_.forward({row}, {&by, 0}, to, depth_); }

  const BinaryEntry& multiply_ = *find_binary_entry("multiply");
  int64_t keys_, depth_;
  float scale_;
};

class TanhScores final : public AttentionScores {
 public:
  explicit TanhScores(const AttentionSpec& options)
      : keys_(options.keys), depth_(options.depth), scale_(static_cast<float>(options.scale)) {}
  int64_t scratch() const override { return 2 * depth_; }
  void prepare(const AttentionHead&, float*) const override {}

  void forward(const AttentionHead& head, const AttentionWeights& weights, int64_t first, int64_t rows, float* scores,
               float* scratch, void*) const override {
    for (int64_t i = 0; i < rows; ++i)
      for (int64_t j = 0; j < keys_; ++j)
        scores[i * keys_ + j] = weight_of(weights) * sum(head, weights, first + i, j, scratch);
  }

  void backward(const AttentionHead& head, const AttentionWeights& weights, int64_t first, int64_t rows,
                float* gradient, const AttentionGradients& gradients, float* scratch, void*) const override {
    float* slope = scratch + depth_;
    for (int64_t i = 0; i < rows; ++i)
      for (int64_t j = 0; j < keys_; ++j) {
        const float along = gradient[i * keys_ + j];
        const float weighted = along * weight_of(weights), scale = scale_of(weights);
        const float all = sum(head, weights, first + i, j, scratch);
        if (gradients.weight) *gradients.weight += along * all;
        const float *q = head.queries + (first + i) * head.query_step, *k = head.keys + j * head.key_step;
        for (int64_t d = 0; d < depth_; ++d) {
          if (gradients.vector) gradients.vector[d] += weighted * scratch[d];
          slope[d] = weighted * (weights.vector ? weights.vector[d] : 1) * (1 - scratch[d] * scratch[d]);
        }
        if (gradients.scale)
          for (int64_t d = 0; d < depth_; ++d) *gradients.scale += slope[d] * (q[d] + k[d]) * scale_;
        for (int64_t d = 0; d < depth_; ++d) slope[d] *= scale;
        if (gradients.queries) add(gradients.queries + (first + i) * head.query_step, slope);
        if (gradients.keys) add(gradients.keys + j * head.key_step, slope);
      }
  }

 private:
  float scale_of(const AttentionWeights& weights) const { return weights.scale ? scale_ * *weights.scale : scale_; }
  static float weight_of(const AttentionWeights& weights) { return weights.weight ? *weights.weight : 1; }
  // Leaves the tanh in scratch.
  float sum(const AttentionHead& head, const AttentionWeights& weights, int64_t i, int64_t j, float* scratch) const {
    const float scale = scale_of(weights);
    add_.forward({head.queries + i * head.query_step}, {head.keys + j * head.key_step}, scratch, depth_);
    if (scale != 1) multiply_.forward({scratch}, {&scale, 0}, scratch, depth_);
    tanh_.forward({}, scratch, scratch, depth_);
    if (!weights.vector) return sum_elements(scratch, depth_);
    float* weighted = scratch + depth_;
    multiply_.forward({scratch}, {weights.vector}, weighted, depth_);
    return sum_elements(weighted, depth_);
  }
  void add(float* to, const float* from) const { add_.forward({to}, {from}, to, depth_); }

  const BinaryEntry& add_ = *find_binary_entry("add");
  const BinaryEntry& multiply_ = *find_binary_entry("multiply");
  const ActivationEntry& tanh_ = *find_activation_entry("tanh");
  int64_t keys_, depth_;
  float scale_;
};

}  // namespace

std::unique_ptr<AttentionScores> make_attention_scores(const AttentionSpec& options) {
  if (options.score == AttentionScore::Tanh) return std::make_unique<TanhScores>(options);
  return std::make_unique<DotScores>(options);
}

}  // namespace batchwise
