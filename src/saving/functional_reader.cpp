// The graph of a Functional config: layers called on tensors, each call as soon as its inputs are there.
#include <map>

#include <batchwise/error.h>

#include "saving/model_reader.h"

namespace batchwise {
namespace {

struct TensorName {
  std::string layer;
  int64_t call = 0, output = 0;
};

// One call of a layer: which tensors go in.
struct Call {
  size_t layer = 0;   // in the file's order
  int64_t index = 0;  // of this layer's calls
  std::vector<TensorName> inputs;
  size_t missing = 0;  // inputs that do not exist yet
};

TensorName tensor_name(const Config& value, const std::string& where) {
  const bool triple = value.is_list() && value.as_list().size() >= 3 && value.as_list()[0].is_string() &&
                      value.as_list()[1].is_int() && value.as_list()[2].is_int();
  require(triple, where, "a tensor must be [layer, call, output]. Got ", value.text().substr(0, 100), ".");
  return {value.as_list()[0].as_string(), value.as_list()[1].as_int(), value.as_list()[2].as_int()};
}

TensorName tensor_argument(const Config& value, const std::string& where) {
  const Config* class_name = value.find("class_name");
  const Config* config = value.find("config");
  const Config* history = config ? config->find("keras_history") : nullptr;
  require(class_name && *class_name == Config("__keras_tensor__") && history, where,
          "a layer must be called on tensors of the model. Got ", value.text().substr(0, 100), ".");
  return tensor_name(*history, where);
}

std::vector<TensorName> read_call(const Config& value, const std::string& where) {
  const Config* args = value.find("args");
  const Config* kwargs = value.find("kwargs");
  require(args && args->is_list() && !args->as_list().empty(), where, "a call must have args. Got ",
          value.text().substr(0, 100), ".");
  std::vector<TensorName> inputs;
  const Config& first = args->as_list().front();
  if (first.is_list()) {
    for (const Config& tensor : first.as_list()) inputs.push_back(tensor_argument(tensor, where));
  } else {
    inputs.push_back(tensor_argument(first, where));
  }
  for (size_t i = 1; i < args->as_list().size(); ++i)
    require(args->as_list()[i].is_null(), where,
            "a layer takes one tensor or one list of tensors. Got more: ", args->as_list()[i].text().substr(0, 100),
            ".");
  if (kwargs && kwargs->is_object())
    for (const auto& [key, argument] : kwargs->as_object()) {
      // Files of some versions state the default that training overrides anyway.
      const bool harmless = argument.is_null() || (key == "training" && argument == Config(false));
      require(harmless, where, "a layer is called without arguments but its tensors. Got ", key, " = ",
              argument.text().substr(0, 100), ".");
    }
  require(!inputs.empty(), where, "a layer must be called on at least one tensor. Got an empty list.");
  return inputs;
}

// One tensor, or a list of them; a single one may stand alone (Keras 3.11 and later) or in a list of one (before).
std::vector<TensorName> read_ends(const Config& value, const std::string& where) {
  require(value.is_list() && !value.as_list().empty(), where,
          "a model must have a list of inputs and one of outputs. Got ", value.text().substr(0, 100), ".");
  if (value.as_list().front().is_string()) return {tensor_name(value, where)};
  std::vector<TensorName> all;
  for (const Config& item : value.as_list()) all.push_back(tensor_name(item, where));
  return all;
}

class Graph {
 public:
  Graph(const Config& config, const Config& extensions, const std::string& where) : where_(where) {
    for (const Config& entry : config.at("layers").as_list(where)) add_layer(entry, extensions);
    connect();
    make_calls();
  }

  std::vector<Symbol> symbols(const Config& value) const {
    std::vector<Symbol> all;
    for (const TensorName& name : read_ends(value, where_)) all.push_back(symbol(name));
    return all;
  }
  const std::vector<std::shared_ptr<Layer>>& layers() const { return layers_; }

 private:
  void add_layer(const Config& entry, const Config& extensions) {
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
      results_.back().push_back(input);
      return;
    }
    layers_.push_back(read_layer(entry, extensions, where_));
    const Config* inbound = entry.find("inbound_nodes");
    const std::string at_layer = where_ + ": layer \"" + name + "\"";
    require(inbound && inbound->is_list() && !inbound->as_list().empty(), at_layer,
            "a layer of a model must be called. Got no inbound_nodes.");
    int64_t index = 0;
    for (const Config& call : inbound->as_list()) calls_.push_back({at, index++, read_call(call, at_layer), 0});
    results_.back().resize(inbound->as_list().size());
  }

  // The place of a tensor's call among all calls; throws for tensors that no call makes.
  std::pair<size_t, size_t> place(const TensorName& name) const {
    const auto it = by_name_.find(name.layer);
    require(it != by_name_.end(), where_, "tensors must come from layers of the model. Got the layer \"", name.layer,
            "\".");
    require(name.call >= 0 && name.call < static_cast<int64_t>(results_[it->second].size()) && name.output == 0, where_,
            "a tensor must come from a call that is made. Got output ", name.output, " of call ", name.call, " of \"",
            name.layer, "\".");
    return {it->second, static_cast<size_t>(name.call)};
  }

  void connect() {
    for (size_t c = 0; c < calls_.size(); ++c)
      for (const TensorName& input : calls_[c].inputs) {
        const auto from = place(input);
        if (results_[from.first][from.second].node()) continue;
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
      for (const TensorName& input : call.inputs) inputs.push_back(symbol(input));
      const auto& layer = layers_[call.layer];
      try {
        results_[call.layer][static_cast<size_t>(call.index)] = LayerRef(layer)(inputs);
      } catch (const Error& error) { fail(where_ + ": layer \"" + layer->name() + "\"", error.what()); }
      for (size_t next : waiting_[{call.layer, static_cast<size_t>(call.index)}])
        if (--calls_[next].missing == 0) ready.push_back(next);
    }
    require(made == calls_.size(), where_, "the calls of a model must not form a circle. Got one.");
  }

  Symbol symbol(const TensorName& name) const {
    const auto [layer, call] = place(name);
    return results_[layer][call];
  }

  const std::string& where_;
  std::vector<std::shared_ptr<Layer>> layers_;
  std::map<std::string, size_t> by_name_;
  std::vector<std::vector<Symbol>> results_;  // per layer, per call
  std::vector<Call> calls_;
  std::map<std::pair<size_t, size_t>, std::vector<size_t>> waiting_;
};

}  // namespace

ReadModel read_functional(const Config& config, const Config& extensions, const std::string& where) {
  const Graph graph(config, extensions, where);
  return {Model(graph.symbols(config.at("input_layers")), graph.symbols(config.at("output_layers")),
                config.get("name", "")),
          graph.layers()};
}

}  // namespace batchwise
