// Test support: the program that one layer lowers to, for a trial.
#pragma once

#include <functional>
#include <map>
#include <stdexcept>
#include <tuple>

#include <batchwise/layer.h>

#include "layers/scoped_lowering.h"
#include "layers/trial_memory.h"

namespace batchwise {

struct TrialOptions {
  int64_t grain = 4;
  bool training = true;
  bool input_gradients = true;
  bool in_place = false;  // share memory wherever kernels allow it
  int shares = 1;         // so many calls for every grain of a kernel that shares
  int channel_block = 0;  // layout in which inputs of rank 3 arrive
  uint64_t seed = 1;
  uint64_t first_sample = 0;
  CallForm form;             // of the call; see masks
  std::vector<Array> masks;  // per input, as dtype bool; empty arrays or a short list: none
  // Called around each forward, backward, measure and combine call: true before, false after.
  std::function<void(bool)> around_call;
};

namespace trial {

struct Op {
  std::unique_ptr<Kernel> kernel;
  std::vector<int> inputs, outputs;  // values
  std::vector<int> weights;          // places in layer.weights()
};

class TrialLowering final : public ScopedLowering {
 public:
  TrialLowering(const Layer& layer, const TrialOptions& options) : root_(layer), options_(options) {}
  bool direct_convolution() const override { return false; }
  bool wants_gradient(Value value) const override { return wants.at(value.index); }

  Value input(const TensorType& type) {
    return value(type, options_.training && options_.input_gradients && type.dtype == DType::Float32);
  }

  std::vector<Value> append(std::unique_ptr<Kernel> kernel, std::vector<Value> inputs,
                            std::vector<std::string> weights) override {
    Op op;
    bool learns = false;
    for (Value v : inputs) {
      op.inputs.push_back(v.index);
      learns = learns || wants[v.index];
    }
    for (const std::string& name : weights) {
      const Variable* variable = nullptr;
      for (const auto& candidate : layer().own_weights())
        if (candidate->spec.name == name) variable = candidate.get();
      for (size_t i = 0; i < root_.weights().size(); ++i)
        if (root_.weights()[i].get() == variable) op.weights.push_back(static_cast<int>(i));
      if (!variable) throw std::logic_error("no such weight: " + name);
      learns = learns || variable->learns();
    }
    std::vector<Value> results;
    for (const TensorType& type : kernel->outputs()) {
      results.push_back(value(type, options_.training && learns && is_floating(type.dtype)));
      op.outputs.push_back(results.back().index);
    }
    op.kernel = std::move(kernel);
    ops.push_back(std::move(op));
    return results;
  }

  Value in_layout(Value v, int channel_block) override {
    TensorType to = type(v);
    if (to.channel_block == channel_block) return v;
    if (const auto known = reordered_.find({v.index, channel_block, grain()}); known != reordered_.end())
      return known->second;
    to.channel_block = channel_block;
    const Value moved = add1(std::make_unique<PlainReorder>(type(v), to, grain()), {v}, {});
    reordered_[{v.index, channel_block, grain()}] = moved;
    share_mask(v, moved);
    return moved;
  }

  std::vector<TensorType> types;
  std::vector<bool> wants;
  std::vector<Op> ops;

 protected:
  bool backward() const override { return options_.training; }
  int64_t samples() const override { return options_.grain; }
  const TensorType& whole_type(Value value) const override { return types.at(value.index); }

 private:
  Value value(const TensorType& type, bool want) {
    types.push_back(type);
    wants.push_back(want);
    return Value{static_cast<int>(types.size()) - 1};
  }
  const Layer& root_;
  const TrialOptions& options_;
  std::map<std::tuple<int, int, int64_t>, Value> reordered_;
};

}  // namespace trial
}  // namespace batchwise
