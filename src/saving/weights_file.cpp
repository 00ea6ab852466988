// The arrays of a model in Keras's weight files.
#include "saving/weights_file.h"

#include <algorithm>
#include <map>

#include <batchwise/error.h>
#include <batchwise/optimizer.h>

#include "saving/optimizer_variables.h"
#include "saving/weight_paths.h"

namespace batchwise {
namespace {

constexpr const char* kOptimizer = "optimizer/vars";

std::string array_path(const std::string& group, size_t i) { return group + "/" + std::to_string(i); }

void write_optimizer(Hdf5Writer& out, const Model& model) {
  const std::unique_ptr<Optimizer> optimizer = make_optimizer(model.compiled()->optimizer);
  const OptimizerState& state = model.optimizer_state();
  const Config config = optimizer->config();
  out.group(kOptimizer);
  out.attribute(kOptimizer, "name", config.get("name", ""));
  size_t next = 0;
  out.integer(array_path(kOptimizer, next++), state.iterations);
  if (!optimizer->schedule())
    out.number(array_path(kOptimizer, next++),
               static_cast<float>(state.learning_rate > 0 ? state.learning_rate : optimizer->options().learning_rate));
  if (state.slots.empty()) return;
  std::map<std::string_view, const std::vector<float>*> values;
  for (const auto& [name, slot] : state.slots) values[name] = &slot;
  const std::vector<OptimizerVariable> variables = optimizer_variables(model.layers(), *optimizer);
  require(variables.size() == values.size(), "save", "the optimizer's state must have ", variables.size(),
          " variables for ", optimizer->class_name(), ". Got ", values.size(), ".");
  for (const OptimizerVariable& variable : variables) {
    const auto it = values.find(variable.name);
    require(it != values.end(), "save", "the optimizer's state must have the variable \"", variable.name,
            "\". Got a state without it.");
    out.floats(array_path(kOptimizer, next++), variable.shape, *it->second);
  }
  for (const Optimizer::Number& number : optimizer->numbers(state.iterations))
    out.number(array_path(kOptimizer, next++), static_cast<float>(number.value));
}

// A file of another model may have all the paths of this one and more.
void require_no_other_layers(const Hdf5Reader& in, const std::vector<std::string>& paths) {
  for (const std::string& name : in.children("layers")) {
    if (std::find(paths.begin(), paths.end(), "layers/" + name) != paths.end()) continue;
    require(in.children("layers/" + name + "/vars").empty(), "layers/" + name,
            "the file must hold weights of this model only. Got weights for a layer that the model does not have.");
  }
}

}  // namespace

void write_weights(Hdf5Writer& out, const Model& model) {
  const auto& layers = model.layers();
  const std::vector<std::string> paths = weight_paths(layers);
  out.group("vars");
  out.attribute("vars", "name", model.name());
  for (size_t i = 0; i < layers.size(); ++i) {
    // Keras's Sequential keeps its input apart from its layers.
    if (model.is_sequential() && layers[i]->class_name() == "InputLayer") continue;
    const std::string group = paths[i] + "/vars";
    out.group(group);
    out.attribute(group, "name", layers[i]->name());
    for (size_t w = 0; w < layers[i]->weights().size(); ++w) {
      const Variable& weight = *layers[i]->weights()[w];
      require(static_cast<int64_t>(weight.value.size()) == weight.spec.shape.count(), "save",
              "the weights must have values: call initialize(seed) or load them. Got none for ", weight.path, ".");
      out.floats(array_path(group, w), weight.spec.shape, weight.value);
    }
  }
  if (model.compiled()) write_optimizer(out, model);
}

void read_weights(const Hdf5Reader& in, const std::vector<std::shared_ptr<Layer>>& layers) {
  const std::vector<std::string> paths = weight_paths(layers);
  require_no_other_layers(in, paths);
  std::vector<std::pair<Variable*, std::vector<float>>> read;
  for (size_t i = 0; i < layers.size(); ++i) {
    const auto& weights = layers[i]->weights();
    const std::string group = paths[i] + "/vars";
    const size_t stored = in.children(group).size();
    require(stored == weights.size(), "layer \"" + layers[i]->name() + "\"", "the file must hold ", weights.size(),
            " arrays at ", group, ". Got ", stored, ".");
    for (size_t w = 0; w < weights.size(); ++w) {
      read.emplace_back(weights[w].get(), std::vector<float>(static_cast<size_t>(weights[w]->spec.shape.count())));
      in.read_floats(array_path(group, w), weights[w]->spec.shape, read.back().second);
    }
  }
  for (auto& [variable, values] : read) variable->value = std::move(values);
}

OptimizerState read_optimizer_state(const Hdf5Reader& in, const Model& model,
                                    const std::vector<std::shared_ptr<Layer>>& layers, const std::string& where) {
  OptimizerState state;
  const size_t stored = in.children(kOptimizer).size();
  if (stored == 0) return state;
  const std::unique_ptr<Optimizer> optimizer = make_optimizer(model.compiled()->optimizer);
  const std::vector<OptimizerVariable> variables = optimizer_variables(layers, *optimizer);
  const size_t counters = optimizer->schedule() ? 1 : 2;
  // What follows from the number of updates; files of before do not hold it.
  const size_t numbers = optimizer->numbers(0).size(), all = counters + variables.size();
  require(stored == counters || stored == all || stored == all + numbers || stored == counters + numbers,
          where + ":" + kOptimizer, "the file must hold ", all + numbers, " variables for the optimizer ",
          optimizer->class_name(), " of this model. Got ", stored, ".");
  state.iterations = in.read_integer(array_path(kOptimizer, 0));
  require(state.iterations >= 0, where + ":" + kOptimizer, "the iteration must not be negative. Got ", state.iterations,
          ".");
  if (!optimizer->schedule()) state.learning_rate = in.read_number(array_path(kOptimizer, 1));
  if (stored < all) return state;
  std::map<std::string, std::vector<float>> values;
  for (size_t i = 0; i < variables.size(); ++i) {
    const Shape& shape = variables[i].shape;
    std::vector<float>& slot = values[variables[i].name];
    slot.resize(static_cast<size_t>(shape.count()));
    in.read_floats(array_path(kOptimizer, counters + i), shape, slot);
  }
  // The file counts layers in its own order; the state in the model's.
  for (const OptimizerVariable& variable : optimizer_variables(model.layers(), *optimizer))
    state.slots.emplace_back(variable.name, std::move(values[variable.name]));
  return state;
}

}  // namespace batchwise
