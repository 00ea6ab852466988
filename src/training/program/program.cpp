// Lowers a model: walks its graph and lets every layer append its kernels.
#include "training/program/program.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "kernels/relation.h"
#include "kernels/reorder.h"
#include "layers/scoped_lowering.h"
#include "model/graph_lowering.h"
#include "model/input_layer.h"

namespace batchwise {

class ProgramLowering final : public ScopedLowering {
 public:
  ProgramLowering(Program& program, const Model& model)
      : program_(program), direct_convolution_(model.convolution() == "direct") {
    const auto weights = model.weights();
    for (size_t i = 0; i < weights.size(); ++i) variable_index_[weights[i].get()] = static_cast<int>(i);
  }

  bool direct_convolution() const override { return direct_convolution_; }
  bool wants_gradient(Value value) const override {
    return program_.values_[static_cast<size_t>(value.index)].gradient;
  }

  std::vector<Value> append(std::unique_ptr<Kernel> kernel, std::vector<Value> inputs,
                            std::vector<std::string> weights) override {
    ProgramOp op;
    op.layer = path();
    bool learns = false;
    for (Value input : inputs) {
      op.inputs.push_back(input.index);
      learns = learns || wants_gradient(input);
    }
    for (const std::string& name : weights) {
      const Variable* variable = nullptr;
      for (const auto& candidate : layer().own_weights())
        if (candidate->spec.name == name) variable = candidate.get();
      require(variable != nullptr, path(), "a kernel asks for the weight \"", name,
              "\", which the layer does not declare.");
      op.variables.push_back(variable_index_.at(variable));
      op.learns.push_back(program_.training_ && variable->learns());
      learns = learns || op.learns.back();
    }
    if (kernel->statistics().moves_learned)
      for (const ProgramOp& earlier : program_.ops_)
        require(!earlier.kernel->statistics().moves_learned || earlier.variables != op.variables, path(),
                "training changes the layer's weights at each call: it can be called once. Got a second call.");
    const int index = static_cast<int>(program_.ops_.size());
    std::vector<Value> results;
    const auto types = kernel->outputs();
    for (size_t i = 0; i < types.size(); ++i) {
      Value value = new_value(types[i], path() + (types.size() > 1 ? " output " + std::to_string(i) : ""), index,
                              learns && program_.training_ && is_floating(types[i].dtype));
      op.outputs.push_back(value.index);
      results.push_back(value);
    }
    op.kernel = std::move(kernel);
    program_.ops_.push_back(std::move(op));
    return results;
  }

  Value in_layout(Value value, int channel_block) override {
    const TensorType from = type(value);
    if (from.channel_block == channel_block) return value;
    auto [it, fresh] = reordered_.try_emplace({value.index, channel_block, grain()}, Value{});
    if (fresh) it->second = add1(make_reorder_kernel(from, channel_block, grain()), {value});
    const Value moved = reordered_.at({value.index, channel_block, grain()});
    share_mask(value, moved);
    return moved;
  }

  Value new_value(const TensorType& type, std::string name, int producer, bool gradient) {
    program_.values_.push_back({type, std::move(name), producer, gradient});
    return Value{static_cast<int>(program_.values_.size()) - 1};
  }

 protected:
  bool backward() const override { return program_.training_; }
  int64_t samples() const override { return program_.grain_; }
  const TensorType& whole_type(Value value) const override {
    return program_.values_[static_cast<size_t>(value.index)].type;
  }

 private:
  Program& program_;
  const bool direct_convolution_;
  std::map<const Variable*, int> variable_index_;
  std::map<std::tuple<int, int, int64_t>, Value> reordered_;  // by value, layout, and what a sample is
};

Program::Program(const Model& model, int64_t grain, bool training) : grain_(grain), training_(training) {
  for (const auto& variable : model.weights()) canonical_bytes_.push_back(variable->spec.shape.count() * 4);
  ProgramLowering lowering(*this, model);
  std::vector<Value> starts;
  for (const Symbol& input : model.inputs()) {
    const auto& layer = static_cast<const InputLayer&>(*input.node()->layer);
    starts.push_back(lowering.new_value({layer.shape(), layer.fed_dtype(), 0}, layer.name(), -1, false));
    inputs_.push_back(starts.back().index);
  }
  const std::vector<Value> ends = lower_graph(lowering, model, starts);
  for (size_t o = 0; o < ends.size(); ++o) {
    ProgramOutput end;
    lowering.enter(*model.outputs()[o].node()->layer);
    end.mask = lowering.mask(ends[o]).index;
    const Value raw = lowering.plain(ends[o]);
    const TensorType type = lowering.type(raw);
    const DType stated = model.outputs()[o].dtype();
    // Inside the model numbers of categories are int32; outside they are what Keras gives.
    const bool same = type.dtype == stated;
    end.prediction = same ? raw.index : lowering.add1(make_cast_kernel(type, stated, grain), {raw}).index;
    const ProgramValue& value = values_[static_cast<size_t>(end.prediction)];
    if (value.producer >= 0) {
      const ProgramOp& maker = ops_[static_cast<size_t>(value.producer)];
      const std::string_view kind = maker.kernel->kind();
      // A softmax over the last axis or a sigmoid: losses have a more exact form on what went into it.
      end.head = kind == "softmax" ? Head::Softmax : kind == "sigmoid" ? Head::Sigmoid : Head::None;
      if (end.head != Head::None && values_[static_cast<size_t>(maker.inputs[0])].type.channel_block == 0)
        end.logits = maker.inputs[0];
    }
    outputs_.push_back(end);
  }
  join_kernels();
}

void Program::prepare(int lanes) const {
  for (const ProgramOp& op : ops_) op.kernel->prepare(lanes);
}

Outline Program::outline(const std::vector<Objective>& objectives, std::vector<int64_t> fetch_bytes,
                         const std::vector<LossNeeds>& losses) const {
  Outline outline;
  outline.training = training_;
  outline.fetch_bytes = std::move(fetch_bytes);
  for (const ProgramValue& value : values_)
    outline.values.push_back(
        {value.name, value.type.bytes(grain_), value.producer < 0, value.gradient, value.producer});
  for (const ProgramOp& op : ops_) {
    OutlineOp out;
    out.name = op.layer;
    out.kind = op.kernel->kind();
    out.inputs = op.inputs;
    out.outputs = op.outputs;
    for (size_t k = 0; k < op.variables.size(); ++k) {
      const WeightLayoutPtr layout = op.kernel->gradient_layout(static_cast<int>(k));
      out.weights.push_back(
          {op.variables[k],
           op.learns[k] ? (layout ? layout->bytes() : canonical_bytes_[static_cast<size_t>(op.variables[k])]) : 0,
           op.kernel->adds_to_gradient(static_cast<int>(k))});
    }
    out.memory = op.kernel->memory();
    out.needs = op.kernel->needs();
    out.statistics = op.kernel->statistics();
    out.cost = op.kernel->cost();
    outline.ops.push_back(std::move(out));
  }
  for (size_t o = 0; o < objectives.size(); ++o) {
    const ProgramOutput& end = outputs_[o];
    OutlineOp loss;
    loss.name = "loss " + values_[static_cast<size_t>(end.prediction)].name;
    loss.kind = "loss";
    loss.loss = true;
    loss.inputs = {end.prediction};
    const bool fused = fuses(objectives[o], end);
    if (fused) loss.inputs.push_back(end.logits);
    if (end.mask >= 0 && objectives[o].takes_mask()) loss.inputs.push_back(end.mask);
    const int target = fused ? end.logits : end.prediction;
    if (training_ && objectives[o].loss && values_[static_cast<size_t>(target)].gradient) loss.gradient_of = target;
    loss.memory.forward_scratch = losses[o].scratch;
    loss.target_bytes = losses[o].targets;
    if (losses[o].statistics > 0) {
      loss.statistics = {.forward = losses[o].statistics, .forward_first = true};
      if (losses[o].measures_prediction) loss.measured.push_back(end.prediction);
      if (end.mask >= 0 && objectives[o].takes_mask()) loss.measured.push_back(end.mask);
    }
    outline.ops.push_back(std::move(loss));
  }
  return outline;
}

bool Objective::takes_mask() const {
  return loss || std::any_of(metrics.begin(), metrics.end(), [](const auto& metric) { return metric->takes_mask(); });
}

bool fuses(const Objective& objective, const ProgramOutput& output) {
  return objective.loss && output.logits >= 0 && output.head != Head::None &&
         objective.loss->fuses_with() == output.head;
}

}  // namespace batchwise
