// Test support: lowers one layer, runs it over grains with guarded memory, and gives back canonical results.
#pragma once

#include "layers/trial_passes.h"

namespace batchwise {
namespace trial {

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
