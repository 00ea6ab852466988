// Attention, a few queries at a time: scores, softmax, weighted values; backward does the same again from the inputs.
#include "kernels/attention.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include <batchwise/error.h>

#include "base/random.h"
#include "kernels/attention_scores.h"
#include "kernels/product/rounded_product.h"
#include "kernels/product/transpose.h"
#include "kernels/simd/dropout.h"
#include "kernels/simd/row_functions.h"
#include "kernels/simd/sums.h"

namespace batchwise {
namespace {

constexpr float kMasked = -0.7f * 3.4028235e38f;  // Keras's: far from every score, and no infinity
constexpr float kLowered = 1e9f;

class AttentionKernel final : public Kernel {
 public:
  explicit AttentionKernel(const AttentionSpec& options)
      : o_(options),
        scores_(make_attention_scores(options)),
        threshold_(static_cast<uint32_t>(std::ceil(options.dropout * 0x1p24))),
        kept_(options.dropout < 1 ? static_cast<float>(1 / (1 - options.dropout)) : 0.0f) {}

  std::string_view kind() const override { return "attention"; }
  std::vector<TensorType> outputs() const override {
    std::vector<TensorType> types{{o_.output, DType::Float32, 0}};
    if (o_.returns_scores) types.push_back({o_.scores, DType::Float32, 0});
    return types;
  }
  KernelMemory memory() const override {
    const auto bytes = [](int64_t floats) { return floats * static_cast<int64_t>(sizeof(float)); };
    const int64_t tile = kTile * o_.keys;
    const int64_t scratch = rounding_floats() + scores_->scratch();
    return {.forward_scratch = bytes(scratch + tile + (o_.dropout > 0 ? tile : 0) + o_.keys),
            .backward_scratch = bytes(scratch + 3 * tile + o_.keys + o_.value_depth * o_.keys)};
  }
  KernelCost cost() const override {
    const double pairs =
        static_cast<double>(o_.grain * o_.groups * o_.heads) * static_cast<double>(o_.queries * o_.keys);
    return {.flops = pairs * (2.0 * static_cast<double>(o_.depth + o_.value_depth) + 20), .bytes = 8 * pairs};
  }

  void forward(const ForwardCall& call) const override {
    const AttentionWeights weights = weights_of(call.weights);
    float* scratch = static_cast<float*>(call.scratch) + rounding_floats();
    void* rounding = o_.bfloat16 ? call.scratch : nullptr;
    float* tile = scratch + scores_->scratch();
    float* dropped = tile + kTile * o_.keys;
    float* work = o_.dropout > 0 ? dropped + kTile * o_.keys : dropped;
    each_head(o_.grain, call.inputs, [&](const Place& at) {
      scores_->prepare(at.head, scratch);
      for (int64_t first = 0; first < o_.queries; first += kTile) {
        const int64_t rows = std::min(kTile, o_.queries - first);
        probabilities(call.inputs, weights, at, first, rows, tile, scratch, work, rounding);
        float* used = tile;
        if (o_.dropout > 0) drop(call.address, at, first, rows, tile, used = dropped);
        if (o_.returns_scores)
          std::copy_n(o_.scores_after_dropout ? used : tile, rows * o_.keys,
                      static_cast<float*>(call.outputs[1]) + at.scores + first * o_.keys);
        Product product;
        product.rows = rows;
        product.columns = o_.value_depth;
        product.length = o_.keys;
        product.a = used;
        product.a_row = o_.keys;
        product.b = static_cast<const float*>(call.inputs[2]) + at.values;
        product.b_step = o_.key_heads * o_.value_depth;
        product.c = static_cast<float*>(call.outputs[0]) + at.result + first * result_step();
        product.c_row = result_step();
        multiply(product, rounding);
      }
    });
  }

  void backward(const BackwardCall& call) const override {
    const AttentionWeights weights = weights_of(call.weights);
    const std::array<int64_t, 3> counts{o_.groups * o_.queries * o_.heads * o_.depth,
                                        o_.groups * o_.keys * o_.key_heads * o_.depth,
                                        o_.groups * o_.keys * o_.key_heads * o_.value_depth};
    for (size_t i = 0; i < counts.size(); ++i)
      if (float* dx = static_cast<float*>(call.input_gradients[i])) std::fill_n(dx, o_.grain * counts[i], 0.0f);
    AttentionGradients totals = gradients_of(call.weight_gradients);
    float* scratch = static_cast<float*>(call.scratch) + rounding_floats();
    void* rounding = o_.bfloat16 ? call.scratch : nullptr;
    each_head(call.rows, call.inputs,
              [&](const Place& at) { head_backward(call, weights, totals, at, scratch, rounding); });
  }

 private:
  struct Place {
    AttentionHead head;
    int64_t sample, group, number;  // which head
    int64_t queries, keys, values;  // where its first row lies
    int64_t result, scores;
  };

  int64_t rounding_floats() const {
    if (!o_.bfloat16) return 0;
    // A smaller depth may be rounded in larger pieces.
    int64_t bytes = 0;
    for (const int64_t depth : {o_.depth, o_.value_depth})
      bytes = std::max({bytes, rounding_bytes(kTile, o_.keys, depth), rounding_bytes(kTile, depth, o_.keys),
                        rounding_bytes(o_.keys, depth, kTile)});
    return bytes / static_cast<int64_t>(sizeof(float));
  }
  int64_t result_step() const { return o_.heads * o_.value_depth; }

  AttentionWeights weights_of(std::span<const float* const> list) const {
    AttentionWeights weights;
    size_t next = 0;
    if (o_.learned_scale) weights.scale = list[next++];
    if (o_.learned_vector) weights.vector = list[next++];
    if (o_.learned_weight) weights.weight = list[next++];
    return weights;
  }
  AttentionGradients gradients_of(std::span<float* const> list) const {
    AttentionGradients gradients;
    size_t next = 0;
    const auto zeroed = [&](int64_t count) {
      float* gradient = list[next++];
      if (gradient) std::fill_n(gradient, count, 0.0f);
      return gradient;
    };
    if (o_.learned_scale) gradients.scale = zeroed(1);
    if (o_.learned_vector) gradients.vector = zeroed(o_.depth);
    if (o_.learned_weight) gradients.weight = zeroed(1);
    return gradients;
  }

  template <class Body>
  void each_head(int64_t samples, std::span<const void* const> inputs, Body body) const {
    const int64_t shared = o_.heads / o_.key_heads;
    for (int64_t s = 0; s < samples; ++s)
      for (int64_t g = 0; g < o_.groups; ++g)
        for (int64_t h = 0; h < o_.heads; ++h) {
          const int64_t group = s * o_.groups + g, key_head = h / shared;
          Place at;
          at.sample = s;
          at.group = g;
          at.number = h;
          at.queries = (group * o_.queries * o_.heads + h) * o_.depth;
          at.keys = (group * o_.keys * o_.key_heads + key_head) * o_.depth;
          at.values = (group * o_.keys * o_.key_heads + key_head) * o_.value_depth;
          at.result = (group * o_.queries * o_.heads + h) * o_.value_depth;
          at.scores = (group * o_.heads + h) * o_.queries * o_.keys;
          at.head = {static_cast<const float*>(inputs[0]) + at.queries, o_.heads * o_.depth,
                     static_cast<const float*>(inputs[1]) + at.keys, o_.key_heads * o_.depth};
          body(at);
        }
  }

  // Is key j hidden from query i?
  void hidden(std::span<const void* const> inputs, const Place& at, int64_t i, uint8_t* row) const {
    std::fill_n(row, o_.keys, uint8_t{0});
    size_t next = 3;
    const auto mask = [&] { return static_cast<const uint8_t*>(inputs[next++]); };
    if (o_.causal)
      for (int64_t j = i + 1; j < o_.keys; ++j) row[j] = 1;
    if (o_.window)
      for (int64_t j = 0; j < o_.keys; ++j) row[j] |= std::abs(i - j) >= *o_.window;
    if (o_.query_mask && !mask()[at.sample * o_.queries + i]) std::fill_n(row, o_.keys, uint8_t{1});
    for (int m = 0; m < o_.key_masks; ++m) {
      const uint8_t* keys = mask() + at.sample * o_.keys;
      for (int64_t j = 0; j < o_.keys; ++j) row[j] |= !keys[j];
    }
    if (o_.pair_mask_heads) {
      const int64_t head = o_.pair_mask_heads == 1 ? 0 : at.number;
      const uint8_t* pairs = mask() + ((at.sample * o_.pair_mask_heads + head) * o_.queries + i) * o_.keys;
      for (int64_t j = 0; j < o_.keys; ++j) row[j] |= !pairs[j];
    }
  }
  bool masks() const { return o_.causal || o_.window || o_.query_mask || o_.key_masks || o_.pair_mask_heads; }

  void probabilities(std::span<const void* const> inputs, const AttentionWeights& weights, const Place& at,
                     int64_t first, int64_t rows, float* tile, float* scratch, float* work, void* rounding) const {
    scores_->forward(at.head, weights, first, rows, tile, scratch, rounding);
    uint8_t* row_mask = reinterpret_cast<uint8_t*>(work);
    for (int64_t i = 0; i < rows; ++i) {
      float* row = tile + i * o_.keys;
      if (masks()) {
        hidden(inputs, at, first + i, row_mask);
        if (o_.masked == MaskedScore::Lowered)
          for (int64_t j = 0; j < o_.keys; ++j) row[j] = row_mask[j] ? row[j] - kLowered : row[j];
        else
          for (int64_t j = 0; j < o_.keys; ++j) row[j] = row_mask[j] ? kMasked : row[j];
      }
      softmax_.forward(row, row, nullptr, o_.keys);
      if (masks() && o_.masked == MaskedScore::ReplacedAndZero)
        for (int64_t j = 0; j < o_.keys; ++j) row[j] = row_mask[j] ? 0 : row[j];
    }
  }

  void drop(const SampleAddress& address, const Place& at, int64_t first, int64_t rows, const float* from,
            float* to) const {
    for (int64_t i = 0; i < rows; ++i) {
      const uint64_t row = static_cast<uint64_t>((at.group * o_.heads + at.number) * o_.queries + first + i);
      drop_elements(from + i * o_.keys, to + i * o_.keys, o_.keys, mix(mix(address.seed, o_.key), row),
                    address.first_sample + static_cast<uint64_t>(at.sample), threshold_, kept_);
    }
  }

  void head_backward(const BackwardCall& call, const AttentionWeights& weights, const AttentionGradients& totals,
                     const Place& at, float* scratch, void* rounding) const {
    float* tile = scratch + scores_->scratch();
    float* used = tile + kTile * o_.keys;  // probabilities after dropout
    float* gradient = used + kTile * o_.keys;
    float* work = gradient + kTile * o_.keys;
    float* values = work + o_.keys;  // transposed
    const float* dy = static_cast<const float*>(call.output_gradients[0]);
    const float* extra = o_.returns_scores ? static_cast<const float*>(call.output_gradients[1]) : nullptr;
    const auto input_gradient = [&](size_t input, int64_t place) {
      float* dx = static_cast<float*>(call.input_gradients[input]);
      return dx ? dx + place : nullptr;
    };
    AttentionGradients gradients = totals;
    gradients.queries = input_gradient(0, at.queries);
    gradients.keys = input_gradient(1, at.keys);
    float* value_gradient = input_gradient(2, at.values);
    const int64_t value_step = o_.key_heads * o_.value_depth;
    scores_->prepare(at.head, scratch);
    const float* from = static_cast<const float*>(call.inputs[2]) + at.values;
    transpose_rows(from, value_step, o_.keys, o_.value_depth, values);
    for (int64_t first = 0; first < o_.queries; first += kTile) {
      const int64_t rows = std::min(kTile, o_.queries - first);
      probabilities(call.inputs, weights, at, first, rows, tile, scratch, work, rounding);
      const float* weighing = tile;
      if (o_.dropout > 0) drop(call.address, at, first, rows, tile, used), weighing = used;
      const float* row_dy = dy ? dy + at.result + first * result_step() : nullptr;
      Product product;
      if (dy && value_gradient) {
        product.accumulate = true;
        product.rows = o_.keys;
        product.columns = o_.value_depth;
        product.length = rows;
        product.a = weighing;
        product.a_row = 1;
        product.a_step = o_.keys;
        product.b = row_dy;
        product.b_step = result_step();
        product.c = value_gradient;
        product.c_row = value_step;
        multiply(product, rounding);
      }
      if (dy) {
        product = {};
        product.rows = rows;
        product.columns = o_.keys;
        product.length = o_.value_depth;
        product.a = row_dy;
        product.a_row = result_step();
        product.b = values;
        product.b_step = o_.keys;
        product.c = gradient;
        product.c_row = o_.keys;
        multiply(product, rounding);
      } else {
        std::fill_n(gradient, rows * o_.keys, 0.0f);
      }
      const float* row_extra = extra ? extra + at.scores + first * o_.keys : nullptr;
      if (row_extra && o_.scores_after_dropout) add_elements(gradient, row_extra, gradient, rows * o_.keys);
      if (o_.dropout > 0) drop(call.address, at, first, rows, gradient, gradient);
      if (row_extra && !o_.scores_after_dropout) add_elements(gradient, row_extra, gradient, rows * o_.keys);
      through_softmax(call.inputs, at, first, rows, tile, gradient, work);
      scores_->backward(at.head, weights, first, rows, gradient, gradients, scratch, rounding);
    }
  }

  void through_softmax(std::span<const void* const> inputs, const Place& at, int64_t first, int64_t rows,
                       const float* tile, float* gradient, float* work) const {
    uint8_t* row_mask = reinterpret_cast<uint8_t*>(work);
    for (int64_t i = 0; i < rows; ++i) {
      float* row = gradient + i * o_.keys;
      softmax_.backward(row, tile + i * o_.keys, row, o_.keys);
      if (!masks() || o_.masked == MaskedScore::Lowered) continue;
      hidden(inputs, at, first + i, row_mask);
      for (int64_t j = 0; j < o_.keys; ++j) row[j] = row_mask[j] ? 0 : row[j];
    }
  }

  AttentionSpec o_;
  std::unique_ptr<AttentionScores> scores_;
  const RowFunction& softmax_ = *find_row_function("softmax");
  uint32_t threshold_;
  float kept_;
};

}  // namespace

std::unique_ptr<Kernel> make_attention_kernel(const AttentionSpec& options) {
  require(options.heads > 0 && options.key_heads > 0 && options.heads % options.key_heads == 0, "attention",
          "the heads of queries must be a multiple of those of keys. Got ", options.heads, " and ", options.key_heads,
          ".");
  return std::make_unique<AttentionKernel>(options);
}

}  // namespace batchwise
