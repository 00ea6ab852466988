// A model's architecture as Keras's config.json states it, in the form that Keras 3.3 and all later ones load.
#include "saving/model_config.h"

#include <map>

#include "model/model_layer.h"
#include "saving/extensions.h"
#include "saving/file_call.h"
#include "saving/keras_object.h"
#include "saving/later_arguments.h"
#include "saving/nesting.h"

namespace batchwise {
namespace {

Config batch_shape(const Shape& shape) {
  Config::List dims{Config()};
  for (int64_t dim : shape) {
    if (dim < 0) dims.emplace_back();
    else dims.emplace_back(dim);
  }
  return dims;
}

Config own_arguments(const Layer& layer) {
  Config all = layer.config(), out = Config(Config::Object{});
  for (const auto& [key, value] : all.as_object())
    if (!is_extension(key) && !came_later(layer.class_name(), key, value)) out.set(key, value);
  return portable_arguments(out);
}

// Layers that stand in several models of the file, with the number that says they are one.
using Shared = std::map<const Layer*, int64_t>;

Config model_object(const Model& model, const Shared& shared);

// A model that Keras lists among the layers of another.
const Model* model_in(const Layer& layer) {
  const auto* inner = dynamic_cast<const ModelLayer*>(&layer);
  return inner ? &inner->model() : nullptr;
}

// "ops.numpy.Add" is Keras's operation Add of keras.src.ops.numpy: no layer, so without trainable and dtype.
Config operation_object(const Layer& layer) {
  const std::string name(layer.class_name());
  const size_t dot = name.rfind('.');
  Config config = Config::object({{"name", layer.name()}});
  const Config own = own_arguments(layer);
  for (const auto& [key, value] : own.as_object()) config.set(key, value);
  return keras_object("keras.src." + name.substr(0, dot), name.substr(dot + 1), std::move(config),
                      name.substr(dot + 1));
}

Config layer_object(const Layer& layer, bool plainly_called, const Shared& shared) {
  if (const Model* inner = model_in(layer)) {
    Config object = model_object(*inner, shared);
    for (auto& [key, value] : object.as_object())
      if (key == "config") {
        value.set("name", layer.name());
        value.set("trainable", layer.trainable());
      }
    if (shared.count(&layer)) object.set("shared_object_id", shared.at(&layer));
    return object;
  }
  if (layer.class_name().starts_with("ops.")) return operation_object(layer);
  const bool input = layer.class_name() == "InputLayer";
  const Config own = own_arguments(layer);
  Config config = own;
  if (input) {
    config.set("name", layer.name());
  } else {
    config = Config::object({{"name", layer.name()}});
    if (takes_trainable(layer.class_name())) config.set("trainable", layer.trainable());
    const bool whole = has_int64_policy(layer.class_name()) && layer.output_dtype(DType::Float32) == DType::Int64;
    config.set("dtype", whole ? "int64" : name_of(layer.dtype_policy().value_or(DTypePolicy::Float32)));
    for (const auto& [key, value] : own.as_object()) config.set(key, value);
  }
  // The one layer that Keras has in a module of its applications.
  const bool scale = layer.class_name() == "LayerScale";
  Config object =
      scale ? keras_object("keras.src.applications.convnext", layer.class_name(), std::move(config), "LayerScale")
            : keras_object("keras.layers", layer.class_name(), std::move(config));
  if (!layer.weights().empty() && plainly_called) {
    const Shapes& shapes = layer.build_shapes();
    Config::List all;
    for (const Shape& shape : shapes) all.push_back(batch_shape(shape));
    object.set("build_config", Config::object({{"input_shape", shapes.size() == 1 ? all.front() : Config(all)}}));
  }
  if (shared.count(&layer)) object.set("shared_object_id", shared.at(&layer));
  return object;
}

// Sequential says a chain of different layers, each called on one tensor and nothing else.
bool is_chain(const Model& model) {
  if (!model.is_sequential() || model.nodes().size() != model.layers().size() || model.inputs().size() != 1)
    return false;
  for (const auto& node : model.nodes())
    if (!node->form.plain() || node->layer->class_name().starts_with("ops.")) return false;
  return true;
}

// Which call of its layer each node is, in the model's order.
std::map<const GraphNode*, int64_t> calls_of(const Model& model) {
  std::map<const Layer*, int64_t> counts;
  std::map<const GraphNode*, int64_t> calls;
  for (const auto& node : model.nodes()) calls[node.get()] = counts[node->layer.get()]++;
  return calls;
}

Config sequential_config(const Model& model, const Shared& shared) {
  Config::List layers;
  for (const auto& layer : model.layers()) layers.push_back(layer_object(*layer, true, shared));
  const Config shape = batch_shape(model.inputs().front().shape());
  Config object = keras_object("keras", "Sequential",
                               Config::object({{"name", model.name()},
                                               {"trainable", true},
                                               {"dtype", "float32"},
                                               {"layers", layers},
                                               {"build_input_shape", shape}}));
  object.set("build_config", Config::object({{"input_shape", shape}}));
  return object;
}

Config functional_config(const Model& model, const Shared& shared) {
  const std::map<const GraphNode*, int64_t> calls = calls_of(model);
  const auto history = [&](const Symbol& symbol, bool end = false) {
    // Among the model's ends Keras counts the calls of a Functional from 1.
    const int64_t first = end && symbol.node()->layer->class_name() == "Functional" ? 1 : 0;
    return Config::List{symbol.node()->layer->name(), calls.at(symbol.node().get()) + first, symbol.output()};
  };
  const auto tensor = [&](const Symbol& symbol) {
    return Config::object({{"class_name", "__keras_tensor__"},
                           {"config", Config::object({{"shape", batch_shape(symbol.shape())},
                                                      {"dtype", name_of(symbol.dtype())},
                                                      {"keras_history", history(symbol)}})}});
  };
  Config::List layers;
  for (const auto& layer : model.layers()) {
    Config::List inbound;
    bool plainly_called = true;
    for (const auto& node : model.nodes()) {
      if (node->layer != layer || node->inputs.empty()) continue;
      std::vector<Config> tensors;
      for (const Symbol& input : node->inputs) tensors.push_back(tensor(input));
      const Model* inner = model_in(*layer);
      inbound.push_back(as_keras_calls(layer->class_name(),
                                       call_object(tensors, node->form, inner ? inner->input_structure() : Config())));
      plainly_called = plainly_called && node->form.plain();
    }
    Config object = layer_object(*layer, plainly_called, shared);
    object.set("name", layer->name());
    object.set("inbound_nodes", inbound);
    layers.push_back(std::move(object));
  }
  // Nested lists, also for one tensor: Keras 3.3 to 3.10 insist on them, the later ones take them.
  Config::List inputs, outputs;
  for (const Symbol& input : model.inputs()) inputs.push_back(history(input, true));
  for (const Symbol& output : model.outputs()) outputs.push_back(history(output, true));
  Config object = keras_object("keras.src.models.functional", "Functional",
                               Config::object({{"name", model.name()},
                                               {"trainable", true},
                                               {"layers", layers},
                                               {"input_layers", nested(model.input_structure(), inputs)},
                                               {"output_layers", nested(model.output_structure(), outputs)}}),
                               "Functional");
  object.set("build_config", Config::object({{"input_shape", Config()}}));
  return object;
}

Config model_object(const Model& model, const Shared& shared) {
  return is_chain(model) ? sequential_config(model, shared) : functional_config(model, shared);
}

// How many models each layer stands in.
void count_models(const Model& model, std::map<const Layer*, int>& counts) {
  for (const auto& layer : model.layers()) {
    if (++counts[layer.get()] > 1) continue;
    if (const Model* inner = model_in(*layer)) count_models(*inner, counts);
  }
}

Config::List trainings_of(const Model& model, const Layer& layer) {
  Config::List all;
  bool any = false;
  for (const auto& node : model.nodes()) {
    if (node->layer.get() != &layer || node->inputs.empty()) continue;
    all.emplace_back();
    if (!node->form.training) continue;
    all.back() = *node->form.training;
    any = true;
  }
  return any ? all : Config::List{};
}

}  // namespace

Config model_config(const Model& model) {
  std::map<const Layer*, int> counts;
  count_models(model, counts);
  Shared shared;
  for (const auto& [layer, count] : counts)
    if (count > 1) shared.emplace(layer, static_cast<int64_t>(shared.size()) + 1);
  return model_object(model, shared);
}

Config layer_extensions(const Model& model) {
  Config all = Config(Config::Object{});
  for (const auto& layer : model.layers()) {
    const Model* inner = model_in(*layer);
    Config own = inner ? layer_extensions(*inner) : Config(Config::Object{});
    const Config arguments = inner ? Config(Config::Object{}) : layer->config();
    for (const auto& [key, value] : arguments.as_object())
      if (is_extension(key)) own.set(key, value);
    const Config::List trainings = trainings_of(model, *layer);
    if (!trainings.empty()) own.set(kTrainingOfCalls, trainings);
    if (!own.as_object().empty()) all.set(layer->name(), own);
  }
  return all;
}

}  // namespace batchwise
