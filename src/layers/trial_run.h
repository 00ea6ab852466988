// Test support: one run of a lowered layer, and where its values lie: every buffer apart and guarded.
#pragma once

#include <algorithm>
#include <cmath>
#include <deque>

#include <batchwise/layer.h>

#include "layers/trial_arrays.h"
#include "layers/trial_lowering.h"
#include "layers/trial_memory.h"

namespace batchwise {

// Arrays are whole and canonical, in the order of the layer's outputs, inputs and weights(). A gradient nobody wants is
// empty.
struct TrialResult {
  std::vector<Array> outputs, input_gradients, weight_gradients;
  std::vector<Array> masks;    // per output; empty: none
  std::vector<Array> weights;  // after commit
  double added_loss = 0;       // as the engine reports it: not scaled
  int kernels = 0;
};

namespace trial {

// One run of a lowered layer: kernel by kernel over all grains, every buffer apart.
class TrialRun {
 public:
  TrialRun(Layer& layer, const TrialOptions& options) : layer_(layer), options_(options), lowering_(layer, options_) {}
  TrialResult run(const std::vector<Array>& inputs, const std::vector<Array>& weights,
                  const std::vector<Array>& output_gradients);

 private:
  using Buffers = std::vector<GuardedBuffer*>;  // one per grain

  GuardedBuffer* buffer(const std::string& name, int64_t bytes) { return &memory_.emplace_back(name, bytes); }
  int64_t rows_of(int64_t grain) const { return std::min(options_.grain, samples_ - grain * options_.grain); }
  void place_values();
  void load(const Array& array, int value, bool gradient);
  Array unload(int value, bool gradient);
  void forward(Op& op, int index);
  void backward(Op& op, int index);
  void call(const std::function<void()>& body) {
    if (options_.around_call) options_.around_call(true);
    body();
    if (options_.around_call) options_.around_call(false);
  }

  Layer& layer_;
  TrialOptions options_;
  TrialLowering lowering_;
  int64_t samples_ = 0, grains_ = 0;
  std::deque<GuardedBuffer> memory_;
  std::vector<Buffers> values_, gradients_;  // gradients_: empty until somebody writes one
  std::vector<Buffers> saved_;               // per op
  std::vector<GuardedBuffer*> shared_;       // per op
  std::vector<std::vector<const float*>> forward_weights_, backward_weights_;  // per op
  std::vector<std::vector<GuardedBuffer*>> kept_weights_;                      // per op, gradient_layout
  std::vector<std::vector<double>> weight_gradients_;                          // per weight, summed over grains
  double added_loss_ = 0;
};

inline void TrialRun::place_values() {
  std::vector<int> uses(lowering_.types.size(), 0), producer(lowering_.types.size(), -1);
  for (size_t i = 0; i < lowering_.ops.size(); ++i) {
    for (int v : lowering_.ops[i].inputs) ++uses[v];
    for (int v : lowering_.ops[i].outputs) producer[v] = static_cast<int>(i);
  }
  values_.resize(lowering_.types.size());
  gradients_.resize(lowering_.types.size());
  for (size_t v = 0; v < values_.size(); ++v) {
    const Op* op = producer[v] < 0 ? nullptr : &lowering_.ops[producer[v]];
    if (options_.in_place && op && op->outputs[0] == static_cast<int>(v) && op->kernel->needs().in_place) {
      const int from = op->inputs[0];
      const Op* before = producer[from] < 0 ? nullptr : &lowering_.ops[producer[from]];
      const bool read_later = options_.training && (op->kernel->needs().backward_inputs ||
                                                    (before && before->kernel->needs().backward_outputs));
      if (lowering_.types[from].bytes(1) != lowering_.types[v].bytes(1))
        throw std::logic_error("in place between different sizes");
      if (uses[from] == 1 && !read_later) {
        values_[v] = values_[from];
        continue;
      }
    }
    for (int64_t g = 0; g < grains_; ++g)
      values_[v].push_back(buffer("value", lowering_.types[v].bytes(options_.grain)));
  }
}

inline void TrialRun::load(const Array& array, int value, bool gradient) {
  const TensorType& type = lowering_.types[value];
  if (array.dtype() != type.dtype) throw std::logic_error("the array must have the type of the tensor");
  if (gradient)
    for (int64_t g = 0; g < grains_; ++g) gradients_[value].push_back(buffer("gradient", type.bytes(options_.grain)));
  const int64_t row_bytes = type.shape.count() * size_of(type.dtype);
  std::vector<std::byte> canonical(static_cast<size_t>(row_bytes * options_.grain));
  for (int64_t g = 0; g < grains_; ++g) {
    for (int64_t r = 0; r < options_.grain; ++r) {
      const int64_t row = g * options_.grain + std::min(r, rows_of(g) - 1);
      std::memcpy(canonical.data() + r * row_bytes, array.raw() + row * row_bytes, static_cast<size_t>(row_bytes));
      if (gradient && r >= rows_of(g)) std::memset(canonical.data() + r * row_bytes, 0, static_cast<size_t>(row_bytes));
    }
    pack(type, options_.grain, canonical.data(), (gradient ? gradients_ : values_)[value][g]->data());
  }
}

inline Array TrialRun::unload(int value, bool gradient) {
  const TensorType& type = lowering_.types[value];
  Array array(type.dtype, type.shape.with_batch(samples_));
  const int64_t row_bytes = type.shape.count() * size_of(type.dtype);
  std::vector<std::byte> stored(static_cast<size_t>(type.bytes(options_.grain)));
  for (int64_t g = 0; g < grains_; ++g) {
    const GuardedBuffer& from = *(gradient ? gradients_ : values_)[value][g];
    unpack(type, rows_of(g), from.data(), array.raw() + g * options_.grain * row_bytes);
    std::vector<std::byte> canonical(static_cast<size_t>(row_bytes * options_.grain)), again(stored.size());
    unpack(type, options_.grain, from.data(), canonical.data());
    pack(type, options_.grain, canonical.data(), again.data());
    if (type.channel_block && type.dtype == DType::Float32)
      for (int64_t i = 0; i < type.stored_count() * options_.grain; ++i)
        if (std::isnan(from.as<float>()[i]) || from.as<float>()[i] != reinterpret_cast<float*>(again.data())[i])
          throw std::logic_error("the padding of channels must be zero");
    if (gradient)
      for (int64_t i = rows_of(g) * type.shape.count(); i < options_.grain * type.shape.count(); ++i)
        if (reinterpret_cast<float*>(canonical.data())[i] != 0)
          throw std::logic_error("gradients of rows beyond the valid ones must be zero");
  }
  return array;
}

}  // namespace trial
}  // namespace batchwise
