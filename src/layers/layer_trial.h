// Test support: lowers one layer, runs it over grains with guarded memory, and gives back canonical results.
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

inline void TrialRun::forward(Op& op, int index) {
  const Kernel& kernel = *op.kernel;
  const Statistics statistics = kernel.statistics();
  const KernelMemory memory = kernel.memory();
  std::vector<int64_t> rows;
  std::vector<double> partials(static_cast<size_t>(statistics.forward * grains_), NAN);
  shared_.push_back(buffer("shared", memory.shared));
  saved_.emplace_back();
  GuardedBuffer* scratch = buffer("forward scratch", memory.forward_scratch);
  for (int64_t g = 0; g < grains_; ++g) {
    rows.push_back(rows_of(g));
    saved_.back().push_back(buffer("saved", memory.saved));
  }
  const auto pass = [&](bool measure) {
    for (int64_t g = 0; g < grains_; ++g) {
      std::vector<const void*> ins;
      std::vector<void*> outs;
      for (int v : op.inputs) ins.push_back(values_[v][g]->data());
      for (int v : op.outputs) outs.push_back(values_[v][g]->data());
      if (measure) scratch->poison();
      ForwardCall c{.lane = 0,
                    .rows = rows[g],
                    .address = {options_.seed, options_.first_sample + static_cast<uint64_t>(g * options_.grain)},
                    .inputs = ins,
                    .outputs = outs,
                    .weights = forward_weights_[index],
                    .saved = saved_.back()[g]->data(),
                    .scratch = scratch->data(),
                    .shared = shared_.back()->data(),
                    .statistics = statistics.forward ? partials.data() + g * statistics.forward : nullptr,
                    .added_loss = &added_loss_};
      if (measure) call([&] { kernel.measure_forward(c); });
      const bool shared = options_.training ? kernel.shared_backward_parts() > 0 : kernel.shares();
      const int shares = shared ? options_.shares : 1;
      for (c.share = {0, shares}; !measure && c.share.index < shares; ++c.share.index) {
        scratch->poison();
        call([&] { kernel.forward(c); });
      }
    }
  };
  const auto combine = [&] { call([&] { kernel.combine_forward(partials, rows, shared_.back()->data()); }); };
  if (statistics.forward_first) {
    pass(true);
    combine();
  }
  pass(false);
  if (statistics.forward && !statistics.forward_first) combine();
}

inline void TrialRun::backward(Op& op, int index) {
  const Kernel& kernel = *op.kernel;
  const Statistics statistics = kernel.statistics();
  std::vector<int64_t> rows;
  for (int64_t g = 0; g < grains_; ++g) rows.push_back(rows_of(g));
  std::vector<double> partials(static_cast<size_t>(statistics.backward * grains_), NAN);
  GuardedBuffer* scratch = buffer("backward scratch", kernel.memory().backward_scratch);
  std::vector<Buffers> fresh(op.inputs.size());
  for (size_t i = 0; i < op.inputs.size(); ++i)
    if (lowering_.wants[op.inputs[i]])
      for (int64_t g = 0; g < grains_; ++g)
        fresh[i].push_back(options_.in_place && i == 0 && kernel.needs().in_place
                               ? gradients_[op.outputs[0]][g]
                               : buffer("input gradient", lowering_.types[op.inputs[i]].bytes(options_.grain)));
  std::vector<GuardedBuffer*> weight_gradients(op.weights.size(), nullptr);
  for (size_t w = 0; w < op.weights.size(); ++w)
    if (layer_.weights()[op.weights[w]]->learns())
      weight_gradients[w] = buffer("weight gradient", kept_weights_[index][w]->bytes());

  const auto pass = [&](bool measure) {
    for (int64_t g = 0; g < grains_; ++g) {
      std::vector<const void*> ins, outs;
      std::vector<void*> out_gradients, in_gradients;
      std::vector<float*> w_gradients;
      for (int v : op.inputs) ins.push_back(kernel.needs().backward_inputs ? values_[v][g]->data() : nullptr);
      for (int v : op.outputs) {
        outs.push_back(kernel.needs().backward_outputs ? values_[v][g]->data() : nullptr);
        out_gradients.push_back(gradients_[v].empty() ? nullptr : gradients_[v][g]->data());
      }
      for (const Buffers& b : fresh) in_gradients.push_back(b.empty() ? nullptr : b[g]->data());
      for (size_t w = 0; w < weight_gradients.size(); ++w) {
        GuardedBuffer* b = weight_gradients[w];
        if (b) b->poison();
        if (b && kernel.adds_to_gradient(static_cast<int>(w)))
          std::memset(b->data(), 0, static_cast<size_t>(kept_weights_[index][w]->bytes()));
        w_gradients.push_back(b ? b->as<float>() : nullptr);
      }
      scratch->poison();
      BackwardCall c{.lane = 0,
                     .rows = rows[g],
                     .address = {options_.seed, options_.first_sample + static_cast<uint64_t>(g * options_.grain)},
                     .sample_scale = 1.0f / static_cast<float>(samples_),
                     .inputs = ins,
                     .outputs = outs,
                     .weights = backward_weights_[index],
                     .saved = saved_[index][g]->data(),
                     .scratch = scratch->data(),
                     .shared = shared_[index]->data(),
                     .statistics = statistics.backward ? partials.data() + g * statistics.backward : nullptr,
                     .output_gradients = out_gradients,
                     .input_gradients = in_gradients,
                     .weight_gradients = w_gradients};
      const int parts = kernel.shared_backward_parts();
      if (measure) call([&] { kernel.measure_backward(c); });
      else if (parts == 0 || options_.shares == 1) call([&] { kernel.backward(c); });
      else
        for (c.part = 0; c.part < parts; ++c.part)
          for (c.share = {0, options_.shares}; c.share.index < options_.shares; ++c.share.index) {
            scratch->poison();
            call([&] { kernel.backward(c); });
          }
      if (measure) continue;
      for (size_t w = 0; w < op.weights.size(); ++w) {
        if (!weight_gradients[w]) continue;
        std::vector<double>& sum = weight_gradients_[op.weights[w]];
        std::vector<float> canonical(sum.size());
        if (const WeightLayoutPtr layout = kernel.gradient_layout(static_cast<int>(w)))
          layout->unpack(weight_gradients[w]->as<float>(), canonical.data());
        else std::copy_n(weight_gradients[w]->as<float>(), canonical.size(), canonical.begin());
        for (size_t i = 0; i < sum.size(); ++i) sum[i] += canonical[i];
      }
    }
  };
  if (statistics.backward) {
    pass(true);
    call([&] { kernel.combine_backward(partials, rows, shared_[index]->data()); });
  }
  pass(false);

  for (size_t i = 0; i < op.inputs.size(); ++i) {
    Buffers& sum = gradients_[op.inputs[i]];
    if (fresh[i].empty()) continue;
    if (sum.empty()) {
      sum = fresh[i];
      continue;
    }
    for (int64_t g = 0; g < grains_; ++g)
      for (int64_t e = 0; e < sum[g]->bytes() / 4; ++e) sum[g]->as<float>()[e] += fresh[i][g]->as<float>()[e];
  }
}

inline TrialResult TrialRun::run(const std::vector<Array>& inputs, const std::vector<Array>& weights,
                                 const std::vector<Array>& output_gradients) {
  samples_ = inputs.at(0).rows();
  grains_ = (samples_ + options_.grain - 1) / options_.grain;
  if (options_.grain % layer_.samples_together() != 0)
    throw std::logic_error("the grain must be a multiple of samples_together()");
  std::vector<Value> starts;
  for (const Array& array : inputs) {
    const Shape shape = array.shape().without_batch();
    starts.push_back(lowering_.input(
        {shape, array.dtype(), shape.rank() == 3 && array.dtype() == DType::Float32 ? options_.channel_block : 0}));
  }
  std::vector<Value> masks;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const bool masked = i < options_.masks.size() && !options_.masks[i].empty();
    masks.push_back(masked ? lowering_.input({options_.masks[i].shape().without_batch(), DType::Bool, 0}) : Value{});
    lowering_.set_mask(starts[i], masks[i]);
  }
  const std::vector<Value> ends = lowering_.lower_part(layer_, starts, options_.form);
  place_values();
  for (size_t i = 0; i < inputs.size(); ++i) {
    load(inputs[i], starts[i].index, false);
    if (masks[i].index >= 0) load(options_.masks[i], masks[i].index, false);
  }

  for (const Array& weight : weights) weight_gradients_.emplace_back(static_cast<size_t>(weight.count()), 0.0);
  for (Op& op : lowering_.ops) {
    op.kernel->prepare(1);
    forward_weights_.emplace_back();
    backward_weights_.emplace_back();
    kept_weights_.emplace_back();
    for (size_t w = 0; w < op.weights.size(); ++w) {
      const int index = static_cast<int>(w);
      const Array& canonical = weights.at(op.weights[w]);
      const WeightLayoutPtr kept_layout = op.kernel->gradient_layout(index);
      GuardedBuffer* kept = buffer("weight", kept_layout ? kept_layout->bytes() : canonical.bytes());
      if (kept_layout) kept_layout->pack(canonical.data<float>(), kept->as<float>());
      else std::memcpy(kept->data(), canonical.raw(), static_cast<size_t>(canonical.bytes()));
      kept_weights_.back().push_back(kept);
      const auto converted = [&](const WeightLayoutPtr& layout) -> const float* {
        if (layout ? kept_layout && layout->same(*kept_layout) : !kept_layout) return kept->as<float>();
        GuardedBuffer* other = buffer("converted weight", layout ? layout->bytes() : canonical.bytes());
        if (layout) layout->convert(kept_layout.get(), kept->as<float>(), other->as<float>());
        else kept_layout->unpack(kept->as<float>(), other->as<float>());
        return other->as<float>();
      };
      forward_weights_.back().push_back(converted(op.kernel->forward_layout(index)));
      backward_weights_.back().push_back(op.kernel->backward_reads_weight(index) && options_.training
                                             ? converted(op.kernel->backward_layout(index))
                                             : nullptr);
    }
  }

  TrialResult result;
  result.kernels = static_cast<int>(lowering_.ops.size());
  for (size_t i = 0; i < lowering_.ops.size(); ++i) forward(lowering_.ops[i], static_cast<int>(i));
  for (Value v : ends) {
    result.outputs.push_back(unload(v.index, false));
    const Value mask = lowering_.mask(v);
    result.masks.push_back(mask.index >= 0 ? unload(mask.index, false) : Array());
  }

  if (options_.training && !output_gradients.empty()) {
    for (size_t i = 0; i < ends.size(); ++i)
      if (!output_gradients.at(i).empty()) load(output_gradients[i], ends[i].index, true);
    for (int i = static_cast<int>(lowering_.ops.size()) - 1; i >= 0; --i) {
      const Op& op = lowering_.ops[i];
      bool learns = false;
      for (int v : op.outputs) learns = learns || (lowering_.wants[v] && !gradients_[v].empty());
      if (learns) backward(lowering_.ops[i], i);
    }
    for (Value v : starts) result.input_gradients.push_back(lowering_.wants[v.index] ? unload(v.index, true) : Array());
    for (size_t w = 0; w < weights.size(); ++w) {
      const bool wanted = layer_.weights()[w]->learns();
      result.weight_gradients.push_back(
          wanted ? Array::from(std::vector<float>(weight_gradients_[w].begin(), weight_gradients_[w].end()),
                               weights[w].shape())
                 : Array());
    }
  }
  for (const Array& weight : weights) result.weights.push_back(weight.clone());
  if (options_.training)
    for (size_t i = 0; i < lowering_.ops.size(); ++i) {
      const Op& op = lowering_.ops[i];
      std::vector<float*> kept;
      for (GuardedBuffer* b : kept_weights_[i]) kept.push_back(b->as<float>());
      for (size_t w = 0; w < op.weights.size(); ++w) {  // as the commit of an op before left them
        const Array& current = result.weights[op.weights[w]];
        if (const WeightLayoutPtr layout = op.kernel->gradient_layout(static_cast<int>(w)))
          layout->pack(current.data<float>(), kept[w]);
        else std::copy_n(current.data<float>(), current.count(), kept[w]);
      }
      op.kernel->commit(shared_[i]->data(), kept);
      for (size_t w = 0; w < op.weights.size(); ++w) {
        Array& target = result.weights[op.weights[w]];
        if (layer_.weights()[op.weights[w]]->spec.trainable && !op.kernel->statistics().moves_learned) continue;
        if (const WeightLayoutPtr layout = op.kernel->gradient_layout(static_cast<int>(w)))
          layout->unpack(kept[w], target.data<float>());
        else std::copy_n(kept[w], target.count(), target.data<float>());
      }
    }
  for (const GuardedBuffer& b : memory_) b.check();
  result.added_loss = added_loss_;
  return result;
}

}  // namespace trial

// Runs `layer` (built here when it is not) on whole inputs, in grains; with output gradients also backward. Throws
// std::logic_error when a kernel breaks the contract of <batchwise/kernel.h>.
inline TrialResult try_layer(Layer& layer, const std::vector<Array>& inputs, const std::vector<Array>& weights,
                             const std::vector<Array>& output_gradients = {}, const TrialOptions& options = {}) {
  Shapes shapes;
  for (const Array& array : inputs) shapes.push_back(array.shape().without_batch());
  if (!layer.built()) layer.build(shapes, options.form.without("mask"));
  return trial::TrialRun(layer, options).run(inputs, weights, output_gradients);
}

}  // namespace batchwise
