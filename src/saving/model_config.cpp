// A model's architecture as Keras's config.json states it, in the form that Keras 3.3 and all later ones load.
#include "saving/model_config.h"

#include <map>

#include "saving/extensions.h"
#include "saving/keras_object.h"

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
    if (!is_extension(key)) out.set(key, value);
  return portable_arguments(out);
}

Config layer_object(const Layer& layer) {
  const bool input = layer.class_name() == "InputLayer";
  const Config own = own_arguments(layer);
  Config config = own;
  if (input) {
    config.set("name", layer.name());
  } else {
    config = Config::object({{"name", layer.name()}, {"trainable", layer.trainable()}, {"dtype", "float32"}});
    for (const auto& [key, value] : own.as_object()) config.set(key, value);
  }
  Config object = keras_object("keras.layers", layer.class_name(), std::move(config));
  if (!layer.weights().empty()) {
    const Shapes& shapes = layer.build_shapes();
    Config::List all;
    for (const Shape& shape : shapes) all.push_back(batch_shape(shape));
    object.set("build_config", Config::object({{"input_shape", shapes.size() == 1 ? all.front() : Config(all)}}));
  }
  return object;
}

// Sequential says a chain of different layers.
bool is_chain(const Model& model) {
  return model.is_sequential() && model.nodes().size() == model.layers().size() && model.inputs().size() == 1;
}

// Which call of its layer each node is, in the model's order.
std::map<const GraphNode*, int64_t> calls_of(const Model& model) {
  std::map<const Layer*, int64_t> counts;
  std::map<const GraphNode*, int64_t> calls;
  for (const auto& node : model.nodes()) calls[node.get()] = counts[node->layer.get()]++;
  return calls;
}

Config sequential_config(const Model& model) {
  Config::List layers;
  for (const auto& layer : model.layers()) layers.push_back(layer_object(*layer));
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

Config functional_config(const Model& model) {
  const std::map<const GraphNode*, int64_t> calls = calls_of(model);
  const auto history = [&](const Symbol& symbol) {
    return Config::List{symbol.node()->layer->name(), calls.at(symbol.node().get()), symbol.output()};
  };
  const auto tensor = [&](const Symbol& symbol) {
    return Config::object({{"class_name", "__keras_tensor__"},
                           {"config", Config::object({{"shape", batch_shape(symbol.shape())},
                                                      {"dtype", name_of(symbol.dtype())},
                                                      {"keras_history", history(symbol)}})}});
  };
  Config::List layers;
  for (const auto& layer : model.layers()) {
    Config object = layer_object(*layer);
    object.set("name", layer->name());
    Config::List inbound;
    for (const auto& node : model.nodes()) {
      if (node->layer != layer || node->inputs.empty()) continue;
      Config::List tensors;
      for (const Symbol& input : node->inputs) tensors.push_back(tensor(input));
      Config::List arguments{tensors.size() == 1 ? tensors.front() : Config(tensors)};
      inbound.push_back(Config::object({{"args", arguments}, {"kwargs", Config(Config::Object{})}}));
    }
    object.set("inbound_nodes", inbound);
    layers.push_back(std::move(object));
  }
  // Nested lists, also for one tensor: Keras 3.3 to 3.10 insist on them, the later ones take them.
  Config::List inputs, outputs;
  for (const Symbol& input : model.inputs()) inputs.push_back(history(input));
  for (const Symbol& output : model.outputs()) outputs.push_back(history(output));
  Config object = keras_object("keras.src.models.functional", "Functional",
                               Config::object({{"name", model.name()},
                                               {"trainable", true},
                                               {"layers", layers},
                                               {"input_layers", inputs},
                                               {"output_layers", outputs}}),
                               "Functional");
  object.set("build_config", Config::object({{"input_shape", Config()}}));
  return object;
}

}  // namespace

Config model_config(const Model& model) {
  return is_chain(model) ? sequential_config(model) : functional_config(model);
}

Config layer_extensions(const Model& model) {
  Config all = Config(Config::Object{});
  for (const auto& layer : model.layers()) {
    Config own = Config(Config::Object{});
    const Config arguments = layer->config();
    for (const auto& [key, value] : arguments.as_object())
      if (is_extension(key)) own.set(key, value);
    if (!own.as_object().empty()) all.set(layer->name(), own);
  }
  return all;
}

}  // namespace batchwise
