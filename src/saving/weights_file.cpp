// The arrays of a model in Keras's weight files.
#include "saving/weights_file.h"

#include <algorithm>
#include <map>
#include <set>

#include <batchwise/error.h>
#include <batchwise/optimizer.h>

#include "saving/idf_weights.h"
#include "saving/optimizer_variables.h"
#include "saving/weight_tree.h"

namespace batchwise {
namespace {

constexpr const char* kOptimizer = "optimizer/vars";
constexpr const char* kScaled = "optimizer/inner_optimizer/vars";  // of the optimizer inside a LossScaleOptimizer

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
               static_cast<float>(learning_rate_of(state).value_or(optimizer->options().learning_rate)));
  if (state.slots.empty()) return;
  const std::vector<OptimizerVariable> variables = optimizer_variables(model, *optimizer);
  require_state_of(variables, state, *optimizer);
  for (size_t i = 0; i < variables.size(); ++i)
    out.floats(array_path(kOptimizer, next++), variables[i].shape, state.slots[i].second);
  for (const Optimizer::Number& number : optimizer->numbers(state.iterations))
    out.number(array_path(kOptimizer, next++), static_cast<float>(number.value));
}

// All arrays at `group` and below. Groups may be linked in circles: only so many objects are looked at.
void list_arrays(const Hdf5Reader& in, const std::string& group, int64_t& objects, std::set<std::string>& arrays) {
  constexpr int64_t kObjects = 100'000;
  for (const std::string& name : in.children(group)) {
    require(++objects <= kObjects, group, "a file may hold at most ", kObjects, " groups and weights. Got more.");
    const std::string path = group + "/" + name;
    require(path.size() <= 4096, group, "paths may have at most 4096 bytes. Got a longer one.");
    if (in.is_group(path)) list_arrays(in, path, objects, arrays);
    else arrays.insert(path);
  }
}

// Before Keras 3 the layers of a model lay under another name.
constexpr std::string_view kLayers = "layers", kBefore = "_layer_checkpoint_dependencies";

std::string path_before(const std::string& path) {
  std::string old;
  for (size_t at = 0; at < path.size();) {
    const size_t end = std::min(path.find('/', at), path.size());
    const std::string word = path.substr(at, end - at);
    old += (old.empty() ? "" : "/") + (word == kLayers ? std::string(kBefore) : word);
    at = end + 1;
  }
  return old;
}

}  // namespace

void write_weights(Hdf5Writer& out, const Model& model) {
  out.group("vars");
  out.attribute("vars", "name", model.name());
  for (const WeightGroup& group : weight_groups(model)) {
    out.group(group.path);
    out.attribute(group.path, "name", group.name);
    for (size_t i = 0; i < group.weights.size(); ++i) {
      const Variable& weight = *group.weights[i];
      require(static_cast<int64_t>(weight.value.size()) == weight.spec.shape.count(), "save",
              "the weights must have values: call initialize(seed) or load them. Got none for ", weight.path, ".");
      // Keras keeps the number of samples that Normalization has seen as an integer, and loads no other.
      if (weight.spec.name == "count" && weight.spec.shape.rank() == 0)
        out.integer(array_path(group.path, i), static_cast<int64_t>(weight.value[0]));
      else out.floats(array_path(group.path, i), weight.spec.shape, weight.value);
    }
    write_idf_weights(out, group);
  }
  if (model.compiled()) write_optimizer(out, model);
}

void read_weights(const Hdf5Reader& in, const Model& model) {
  std::vector<std::pair<Variable*, std::vector<float>>> read;
  const bool before = !in.has("layers") && in.has(std::string(kBefore));
  std::set<std::string> others;
  int64_t objects = 0;
  list_arrays(in, std::string(before ? kBefore : kLayers), objects, others);
  for (const WeightGroup& group : weight_groups(model)) {
    const std::string path = before ? path_before(group.path) : group.path;
    size_t stored = in.children(path).size();
    for (const std::string& idf : idf_paths(group))
      if (others.erase(idf) && idf.starts_with(path + "/")) --stored;
    require(stored == group.weights.size(), "layer \"" + group.name + "\"", "the file must hold ", group.weights.size(),
            " arrays at ", path, ". Got ", stored, ".");
    for (size_t i = 0; i < group.weights.size(); ++i) {
      const Shape& shape = group.weights[i]->spec.shape;
      const std::string array = array_path(path, i);
      // Keras keeps counts, Normalization's for one, as integers.
      const bool whole = shape.rank() == 0 && in.holds_integers(array);
      read.emplace_back(group.weights[i].get(), whole ? std::vector<float>{static_cast<float>(in.read_integer(array))}
                                                      : in.floats(array, shape));
      others.erase(array_path(path, i));
    }
  }
  // A file of another model may have all the paths of this one and more.
  require(others.empty(), others.empty() ? "" : *others.begin(),
          "the file must hold weights of this model only. Got weights for a layer that the model does not have.");
  for (const WeightGroup& group : weight_groups(model)) replace_idf_weights(in, group);
  for (auto& [variable, values] : read) variable->value = std::move(values);
  // What was learned from data is not drawn anew with first weights.
  for (const WeightGroup& group : weight_groups(model))
    if (group.layer && group.layer->adapt())
      for (const auto& variable : group.weights) variable->measured = true;
}

OptimizerState read_optimizer_state(const Hdf5Reader& in, const Model& model, const std::string& where) {
  OptimizerState state;
  const std::string group = in.has("optimizer/inner_optimizer") ? kScaled : kOptimizer;
  const size_t stored = in.children(group).size();
  if (stored == 0) return state;
  const std::unique_ptr<Optimizer> optimizer = make_optimizer(model.compiled()->optimizer);
  const std::vector<OptimizerVariable> variables = optimizer_variables(model, *optimizer);
  const size_t counters = optimizer->schedule() ? 1 : 2;
  // What follows from the number of updates; files of before do not hold it.
  const size_t numbers = optimizer->numbers(0).size(), all = counters + variables.size();
  if (stored != counters && stored != all && stored != all + numbers && stored != counters + numbers)
    return state_left_out(where + ":" + group, *optimizer, all + numbers, stored);
  state.iterations = in.read_integer(array_path(group, 0));
  require(state.iterations >= 0, where + ":" + group, "the iteration must not be negative. Got ", state.iterations,
          ".");
  if (!optimizer->schedule()) state.learning_rate = in.read_number(array_path(group, 1));
  if (stored < all) return state;
  for (size_t i = 0; i < variables.size(); ++i) {
    const std::string array = array_path(group, counters + i);
    if (const Shape shape = in.shape_of(array); shape != variables[i].shape)
      return state_left_out(where + ":" + array, variables[i], shape);
    state.slots.emplace_back(variables[i].name, in.floats(array, variables[i].shape));
  }
  return state;
}

}  // namespace batchwise
