// The graph of a Functional config: layers called on tensors, each call as soon as its inputs are there.
#include <algorithm>
#include <map>
#include <optional>

#include <batchwise/error.h>

#include "model/model_layer.h"
#include "saving/extensions.h"
#include "saving/model_reader.h"

namespace batchwise {
namespace {

// One call of a layer: which tensors go in.
struct Call {
  size_t layer = 0;  // in the file's order
  size_t index = 0;  // of this layer's calls
  FileCall call;
  size_t missing = 0;  // inputs that do not exist yet
};

class Graph {
 public:
  Graph(const Config& config, const ReadScope& scope) : scope_(scope), where_(scope.where) {
    require_few_layers(config.at("layers").as_list(where_), where_);
    for (const Config& entry : config.at("layers").as_list(where_)) add_layer(entry);
    count_old_calls();
    connect();
    make_calls();
  }

  // Keras counts the calls of a Functional that is a layer from 1 here, but from 0 in inbound_nodes.
  Ends ends(const Config& value) const {
    const FileEnds read = read_ends(value, where_);
    std::vector<Symbol> all;
    for (TensorName name : read.tensors) {
      const auto it = by_name_.find(name.layer);
      if (it != by_name_.end() && is_functional(*layers_[it->second]) && name.call > 0) --name.call;
      all.push_back(symbol(name));
    }
    return {all, read.structure};
  }

  // Weights are found by the order of layers, which Keras computes anew: another one in the file is none of Keras's.
  void require_order(const Model& model) const {
    std::vector<const Layer*> stated, own;
    for (const auto& layer : layers_)
      if (!layer->weights().empty()) stated.push_back(layer.get());
    for (const auto& layer : model.layers())
      if (!layer->weights().empty()) own.push_back(layer.get());
    for (size_t i = 0; i < own.size() && i < stated.size(); ++i)
      require(own[i] == stated[i], where_,
              "layers must be listed in Keras's order, by their distance from the outputs. Got \"", stated[i]->name(),
              "\" where \"", own[i]->name(), "\" belongs.");
  }

 private:
  static bool is_functional(const Layer& layer) { return layer.class_name() == "Functional"; }

  void add_layer(const Config& entry) {
    const size_t at = layers_.size();
    const std::string name = layer_name_of(entry, where_);
    require(by_name_.emplace(name, at).second, where_, "names of layers must be unique. Got \"", name, "\" twice.");
    if (const Config* outer = entry.find("name"))
      require(*outer == Config(name), where_, "a layer must have one name. Got ", outer->text().substr(0, 100),
              " and \"", name, "\".");
    results_.emplace_back();
    const Config* class_name = entry.find("class_name");
    if (class_name && *class_name == Config("InputLayer")) {
      const Symbol input = read_input(entry, where_);
      layers_.push_back(input.node()->layer);
      results_.back().push_back({input});
      return;
    }
    layers_.push_back(read_layer(entry, scope_));
    const Config* inbound = entry.find("inbound_nodes");
    const std::string at_layer = where_ + ": layer \"" + name + "\"";
    require(inbound && inbound->is_list() && !inbound->as_list().empty(), at_layer,
            "a layer of a model must be called. Got no inbound_nodes.");
    const Config* own = scope_.extensions.find(name);
    const Config* training = own ? own->find(kTrainingOfCalls) : nullptr;
    size_t index = 0;
    for (const Config& node : inbound->as_list()) {
      Call call{at, index, read_call(node, at_layer), 0};
      if (training && index < training->as_list(at_layer).size() && !training->as_list()[index].is_null())
        call.call.form.training = training->as_list()[index].as_bool(at_layer);
      old_ = old_ || node.is_list();
      calls_.push_back(std::move(call));
      ++index;
    }
    results_.back().resize(inbound->as_list().size());
  }

  // Keras 2 counts the calls of a model that is a layer from 1 everywhere.
  void count_old_calls() {
    if (!old_) return;
    std::map<std::string, bool> from_zero;
    for (const Call& call : calls_)
      for (const TensorName& name : call.call.tensors) from_zero[name.layer] |= name.call == 0;
    for (Call& call : calls_)
      for (TensorName& name : call.call.tensors) {
        const auto it = by_name_.find(name.layer);
        const bool model = it != by_name_.end() && dynamic_cast<const ModelLayer*>(layers_[it->second].get());
        if (model && !from_zero[name.layer]) --name.call;
      }
  }

  // The place of a tensor's call among all calls; throws for tensors that no call makes.
  std::pair<size_t, size_t> place(const TensorName& name) const {
    const auto it = by_name_.find(name.layer);
    require(it != by_name_.end(), where_, "tensors must come from layers of the model. Got the layer \"", name.layer,
            "\".");
    require(name.call >= 0 && name.call < static_cast<int64_t>(results_[it->second].size()), where_,
            "a tensor must come from a call that is made. Got call ", name.call, " of \"", name.layer, "\".");
    return {it->second, static_cast<size_t>(name.call)};
  }

  void connect() {
    for (size_t c = 0; c < calls_.size(); ++c)
      for (const TensorName& input : calls_[c].call.tensors) {
        const auto from = place(input);
        if (!results_[from.first][from.second].empty()) continue;
        waiting_[from].push_back(c);
        ++calls_[c].missing;
      }
  }

  void make_calls() {
    std::vector<size_t> ready;
    for (size_t c = 0; c < calls_.size(); ++c)
      if (calls_[c].missing == 0) ready.push_back(c);
    size_t made = 0;
    for (; made < ready.size(); ++made) {
      const Call& call = calls_[ready[made]];
      std::vector<Symbol> inputs;
      for (const TensorName& input : call.call.tensors) inputs.push_back(symbol(input));
      const auto& layer = layers_[call.layer];
      try {
        inputs = by_name(*layer, call.call, inputs);
        results_[call.layer][call.index] = LayerRef(layer).outputs(inputs, call.call.form);
      } catch (const Error& error) { fail(where_ + ": layer \"" + layer->name() + "\"", error.what()); }
      for (size_t next : waiting_[{call.layer, call.index}])
        if (--calls_[next].missing == 0) ready.push_back(next);
    }
    for (const Call& call : calls_)
      require(!results_[call.layer][call.index].empty(), where_,
              "the calls of a model must not form a circle. Got one that \"", layers_[call.layer]->name(),
              "\" is in or waits for.");
  }

  // What a model that is a layer is called on by names, in the order of its inputs.
  static std::vector<Symbol> by_name(const Layer& layer, const FileCall& call, const std::vector<Symbol>& inputs) {
    if (call.structure.is_null()) return inputs;
    const auto* inner = dynamic_cast<const ModelLayer*>(&layer);
    require(inner != nullptr, layer.class_name(), "the layer takes one tensor or a list. Got ", call.structure.text(),
            ".");
    const Model& model = inner->model();
    if (call.structure == model.input_structure()) return inputs;
    // Keras takes the names of input layers as well.
    std::vector<Symbol> ordered;
    for (const std::string& name : Ends(model.inputs()).names()) {
      const Config* place = call.structure.find(name);
      require(place && place->is_int(), model.name(), "the model must be called on tensors as it names them. Got ",
              call.structure.text(), " without \"", name, "\".");
      ordered.push_back(inputs[static_cast<size_t>(place->as_int())]);
    }
    require(ordered.size() == inputs.size(), model.name(), "the model takes ", ordered.size(), " tensors. Got ",
            inputs.size(), ".");
    return ordered;
  }

  Symbol symbol(const TensorName& name) const {
    const auto [layer, call] = place(name);
    const std::vector<Symbol>& outputs = results_[layer][call];
    require(name.output >= 0 && name.output < static_cast<int64_t>(outputs.size()), where_,
            "a tensor must be an output of its call. Got output ", name.output, " of call ", name.call, " of \"",
            name.layer, "\", which has ", outputs.size(), ".");
    return outputs[static_cast<size_t>(name.output)];
  }

  const ReadScope& scope_;
  const std::string& where_;
  bool old_ = false;  // a call in the form of Keras 2
  std::vector<std::shared_ptr<Layer>> layers_;
  std::map<std::string, size_t> by_name_;
  std::vector<std::vector<std::vector<Symbol>>> results_;  // per layer, per call, its outputs
  std::vector<Call> calls_;
  std::map<std::pair<size_t, size_t>, std::vector<size_t>> waiting_;
};

}  // namespace

Model read_functional(const Config& config, const ReadScope& scope) {
  const Graph graph(config, scope);
  Model model(graph.ends(config.at("input_layers")), graph.ends(config.at("output_layers")), config.get("name", ""));
  graph.require_order(model);
  return model;
}

}  // namespace batchwise
