// Whole models in HDF5 files: weights by layer in the order of lists of names, the optimizer's in one list.
#include "saving/legacy_file.h"

#include <map>
#include <set>

#include <batchwise/error.h>
#include <batchwise/optimizer.h>

#include "formats/json/json.h"
#include "model/layer_names.h"
#include "saving/compile_config.h"
#include "saving/file_objects.h"
#include "saving/legacy_config.h"
#include "saving/model_config.h"
#include "saving/model_reader.h"
#include "saving/optimizer_variables.h"

namespace batchwise {
namespace {

constexpr const char* kWeights = "model_weights";
constexpr const char* kOptimizer = "optimizer_weights";
constexpr const char* kTopLevel = "top_level_model_weights";

// Keras keeps this order in these files: of a layer, first what is trained.
std::vector<std::shared_ptr<Variable>> legacy_order(const Layer& layer) {
  std::vector<std::shared_ptr<Variable>> all;
  for (const bool learns : {true, false})
    for (const auto& weight : layer.weights())
      if (weight->learns() == learns) all.push_back(weight);
  return all;
}

std::vector<std::string> names_at(const Hdf5Reader& in, const std::string& group, const char* attribute) {
  auto names = in.texts(group, attribute);
  require(names.has_value(), group, "a group of a legacy .h5 file must have the attribute ", attribute, ". Got none.");
  return std::move(*names);
}

std::string below(const std::string& group, const std::string& name) {
  return group.empty() ? name : group + "/" + name;
}

std::string last_word(std::string name) {
  if (name.ends_with(":0")) name.resize(name.size() - 2);
  return name.substr(name.rfind('/') + 1);
}

std::vector<std::string> optimizer_names(const std::vector<OptimizerVariable>& variables, const std::string& prefix,
                                         bool scheduled) {
  std::vector<std::string> names{prefix + "/iteration"};
  if (!scheduled) names.push_back(prefix + "/learning_rate");
  std::set<std::string> taken;
  for (const OptimizerVariable& variable : variables) {
    std::string name = prefix + "/" + variable.name;
    while (!taken.insert(name).second) name += "_";  // files are read in the order of the list
    names.push_back(std::move(name));
  }
  return names;
}

// The variables in the order of TensorFlow before 2.11: each slot for all weights.
std::vector<OptimizerVariable> slot_by_slot(const std::vector<OptimizerVariable>& variables, const Optimizer& optimizer,
                                            const std::string& where) {
  const std::string_view name = optimizer.class_name();
  require((name == "SGD" || name == "RMSprop" || name == "Adagrad" || name == "Adam") && !optimizer.options().use_ema,
          where, "the state of an optimizer of TensorFlow before 2.11 must be of SGD, RMSprop, Adagrad or Adam. Got ",
          name, ".");
  std::vector<OptimizerVariable> all;
  for (const SlotSpec& slot : optimizer.slots({"", Shape{1}}))
    for (const OptimizerVariable& variable : variables)
      if (variable.name.ends_with("_" + slot.name)) all.push_back(variable);
  return all;
}

OptimizerState read_state(const Hdf5Reader& in, const Model& model, const CompileOptions& compiled,
                          const std::string& where) {
  OptimizerState state;
  if (!in.has(kOptimizer)) return state;
  std::vector<std::string> names = names_at(in, kOptimizer, "weight_names");
  // A LossScaleOptimizer's own four come before those of the optimizer inside.
  if (names.size() > 4 && last_word(names[3]) == "dynamic_scale") names.erase(names.begin(), names.begin() + 4);
  if (names.empty()) return state;
  const std::string at = where + ":" + kOptimizer;
  const std::unique_ptr<Optimizer> optimizer = make_optimizer(compiled.optimizer);
  std::vector<OptimizerVariable> variables = optimizer_variables(model, *optimizer);
  if (last_word(names[0]) == "iter") variables = slot_by_slot(variables, *optimizer, at);
  const size_t counters = names.size() > 1 && last_word(names[1]) == "learning_rate" ? 2 : 1;
  const size_t whole = counters + variables.size() + optimizer->numbers(0).size();
  if (names.size() != counters && names.size() != whole) return state_left_out(at, *optimizer, whole, names.size());
  state.iterations = in.read_integer(below(kOptimizer, names[0]));
  require(state.iterations >= 0, at, "the iteration must not be negative. Got ", state.iterations, ".");
  if (counters == 2) state.learning_rate = in.read_number(below(kOptimizer, names[1]));
  else if (!optimizer->schedule())
    state.learning_rate = optimizer->options().learning_rate;  // the settings alone say it
  if (names.size() == counters) return state;
  std::vector<std::pair<std::string, std::vector<float>>> slots;
  for (const OptimizerVariable& variable : optimizer_variables(model, *optimizer))
    slots.emplace_back(variable.name, std::vector<float>());
  for (size_t i = 0; i < variables.size(); ++i) {
    const std::string array = below(kOptimizer, names[counters + i]);
    if (const Shape shape = in.shape_of(array); shape != variables[i].shape)
      return state_left_out(where + ":" + array, variables[i], shape);
    slots[variables[i].place].second = in.floats(array, variables[i].shape);
  }
  state.slots = std::move(slots);
  return state;
}

void write_state(Hdf5Writer& out, const Model& model) {
  const std::unique_ptr<Optimizer> optimizer = make_optimizer(model.compiled()->optimizer);
  const OptimizerState& state = model.optimizer_state();
  const bool scheduled = optimizer->schedule() != nullptr;
  const std::vector<OptimizerVariable> variables =
      state.slots.empty() ? std::vector<OptimizerVariable>{} : optimizer_variables(model, *optimizer);
  const Config config = optimizer->config();
  const std::string prefix = config.get("name", "optimizer");
  std::vector<std::string> names = optimizer_names(variables, prefix, scheduled);
  const std::vector<Optimizer::Number> numbers =
      state.slots.empty() ? std::vector<Optimizer::Number>{} : optimizer->numbers(state.iterations);
  for (const Optimizer::Number& number : numbers) names.push_back(prefix + "/" + number.name);
  out.attribute(kOptimizer, "weight_names", names);
  size_t next = 0;
  out.integer(below(kOptimizer, names[next++]), state.iterations);
  if (!scheduled)
    out.number(below(kOptimizer, names[next++]),
               static_cast<float>(learning_rate_of(state).value_or(optimizer->options().learning_rate)));
  require_state_of(variables, state, *optimizer);
  for (size_t i = 0; i < variables.size(); ++i)
    out.floats(below(kOptimizer, names[next++]), variables[i].shape, state.slots[i].second);
  for (const Optimizer::Number& number : numbers)
    out.number(below(kOptimizer, names[next++]), static_cast<float>(number.value));
}

}  // namespace

void read_legacy_weights(const Hdf5Reader& in, const std::string& group, const Model& model) {
  std::vector<const Layer*> layers;
  for (const auto& layer : model.layers())
    if (!layer->weights().empty()) layers.push_back(layer.get());
  std::vector<std::pair<Variable*, std::vector<float>>> read;
  size_t next = 0;
  for (const std::string& name : names_at(in, group, "layer_names")) {
    const std::string at = below(group, name);
    const std::vector<std::string> arrays = names_at(in, at, "weight_names");
    if (arrays.empty()) continue;
    require(next < layers.size(), at, "the file must hold weights of ", layers.size(), " layers. Got more.");
    const Layer& layer = *layers[next++];
    const auto weights = legacy_order(layer);
    require(arrays.size() == weights.size(), "layer \"" + layer.name() + "\"", "the file must hold ", weights.size(),
            " arrays at ", at, ". Got ", arrays.size(), ".");
    for (size_t i = 0; i < weights.size(); ++i) {
      const Shape& shape = weights[i]->spec.shape;
      read.emplace_back(weights[i].get(), in.floats(below(at, arrays[i]), shape));
    }
  }
  require(next == layers.size(), below(group, "layer_names"), "the file must hold weights of ", layers.size(),
          " layers. Got ", next, ".");
  if (in.has(below(group, kTopLevel)))
    require(names_at(in, below(group, kTopLevel), "weight_names").empty(), below(group, kTopLevel),
            "all weights must belong to layers. Got some of the model itself.");
  for (auto& [variable, values] : read) variable->value = std::move(values);
}

LegacyModel read_legacy(const Hdf5Reader& in, const std::string& where) {
  const auto text = in.text("", "model_config");
  require(text.has_value(), where,
          "a legacy .h5 file must state its model_config. Got a file of weights alone: make the model and call "
          "load_weights.");
  const Config config = parse_json(*text, where + "@model_config");
  require_known_objects(config, where);
  LegacyModel read{read_model(model_config_of_legacy(config), {where, {}}), {}, {}};
  read_legacy_weights(in, kWeights, read.model);
  if (const auto training = in.text("", "training_config")) {
    const std::string at = where + "@training_config";
    const Config stated = parse_json(*training, at);
    require_known_objects(stated, at);
    const Config compile = compile_config_of_legacy(stated, at);
    read.compiled = read_compile_config(&compile, read.model, at);
    if (read.compiled) read.state = read_state(in, read.model, *read.compiled, where);
  }
  return read;
}

void write_legacy(Hdf5Writer& out, const Model& model, const std::string& keras_version) {
  const Config extensions = layer_extensions(model);
  require(extensions.as_object().empty(), "save",
          "a legacy .h5 file can hold what Keras knows alone: save a .keras file. Got ", extensions.text(), ".");
  out.attribute("", "backend", "tensorflow");
  out.attribute("", "keras_version", keras_version);
  out.attribute("", "model_config", legacy_model_config(model_config(model)).text());
  out.attribute(kWeights, "backend", "tensorflow");
  out.attribute(kWeights, "keras_version", keras_version);
  std::vector<std::string> names;
  set_paths(model.layers());  // arrays are named by them
  for (const auto& layer : model.layers()) {
    if (model.is_sequential() && layer->class_name() == "InputLayer") continue;
    if (layer->class_name().starts_with("ops.")) continue;
    names.push_back(layer->name());
    const std::string at = below(kWeights, layer->name());
    std::vector<std::string> arrays;
    for (const auto& weight : legacy_order(*layer)) {
      require(static_cast<int64_t>(weight->value.size()) == weight->spec.shape.count(), "save",
              "the weights must have values: call initialize(seed) or load them. Got none for ", weight->path, ".");
      arrays.push_back(weight->path);
      out.floats(below(at, weight->path), weight->spec.shape, weight->value);
    }
    out.attribute(at, "weight_names", arrays);
  }
  out.attribute(kWeights, "layer_names", names);
  out.attribute(below(kWeights, kTopLevel), "weight_names", std::vector<std::string>{});
  if (!model.compiled()) return;
  out.attribute("", "training_config", legacy_training_config(compile_config(model)).text());
  write_state(out, model);
}

}  // namespace batchwise
