// Test support: the program that one layer lowers to, for a trial.
#pragma once

#include <functional>
#include <map>
#include <stdexcept>

#include <batchwise/layer.h>

#include "base/random.h"
#include "layers/trial_memory.h"

namespace batchwise {

struct TrialOptions {
  int64_t grain = 4;
  bool training = true;
  bool input_gradients = true;
  bool in_place = false;  // share memory wherever kernels allow it
  int channel_block = 0;  // layout in which inputs of rank 3 arrive
  uint64_t seed = 1;
  uint64_t first_sample = 0;
  // Called around each forward, backward, measure and combine call: true before, false after.
  std::function<void(bool)> around_call;
};

namespace trial {

struct Op {
  std::unique_ptr<Kernel> kernel;
  std::vector<int> inputs, outputs;  // values
  std::vector<int> weights;          // places in layer.weights()
};

class TrialLowering final : public Lowering {
 public:
  TrialLowering(const Layer& layer, const TrialOptions& options) : layer_(layer), options_(options) {}
  int64_t grain() const override { return options_.grain; }
  bool training() const override { return options_.training; }
  const TensorType& type(Value value) const override { return types.at(value.index); }
  bool wants_gradient(Value value) const override { return wants.at(value.index); }
  bool trainable() const override { return layer_.trainable(); }
  uint64_t layer_key() const override { return random_key(0, layer_.name()); }

  Value input(const TensorType& type) {
    return value(type, options_.training && options_.input_gradients && type.dtype == DType::Float32);
  }

  std::vector<Value> add(std::unique_ptr<Kernel> kernel, std::vector<Value> inputs,
                         std::vector<std::string> weights) override {
    Op op;
    bool learns = !weights.empty() && layer_.trainable();
    for (Value v : inputs) {
      op.inputs.push_back(v.index);
      learns = learns || wants[v.index];
    }
    for (const std::string& name : weights) {
      int place = -1;
      for (size_t i = 0; i < layer_.weights().size(); ++i)
        if (layer_.weights()[i]->spec.name == name) place = static_cast<int>(i);
      if (place < 0) throw std::logic_error("no such weight: " + name);
      op.weights.push_back(place);
    }
    std::vector<Value> results;
    for (const TensorType& type : kernel->outputs()) {
      results.push_back(value(type, options_.training && learns));
      op.outputs.push_back(results.back().index);
    }
    op.kernel = std::move(kernel);
    ops.push_back(std::move(op));
    return results;
  }

  Value in_layout(Value v, int channel_block) override {
    TensorType to = type(v);
    if (to.channel_block == channel_block) return v;
    if (const auto known = reordered_.find({v.index, channel_block}); known != reordered_.end()) return known->second;
    to.channel_block = channel_block;
    const Value moved = add1(std::make_unique<PlainReorder>(type(v), to, options_.grain), {v}, {});
    reordered_[{v.index, channel_block}] = moved;
    return moved;
  }

  std::vector<TensorType> types;
  std::vector<bool> wants;
  std::vector<Op> ops;

 private:
  Value value(const TensorType& type, bool want) {
    types.push_back(type);
    wants.push_back(want);
    return Value{static_cast<int>(types.size()) - 1};
  }
  const Layer& layer_;
  const TrialOptions& options_;
  std::map<std::pair<int, int>, Value> reordered_;
};

}  // namespace trial
}  // namespace batchwise
