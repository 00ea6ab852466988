// A whole config.json, read: which kind of model it is, Sequential chains, and whether the model learns at all.
#include "saving/model_reader.h"

#include <batchwise/error.h>

namespace batchwise {
namespace {

ReadModel read_sequential(const Config& config, const Config& extensions, const std::string& where) {
  std::vector<LayerRef> refs;
  std::vector<std::shared_ptr<Layer>> layers;
  for (const Config& entry : config.at("layers").as_list(where)) {
    const Config* class_name = entry.find("class_name");
    if (class_name && *class_name == Config("InputLayer")) {
      require(refs.empty(), where, "an InputLayer must come first. Got one after ", refs.size(), " layers.");
      refs.emplace_back(read_input(entry, where));
      continue;
    }
    if (refs.empty()) {
      // A file without an explicit input states the shape the model was built with.
      const Config* shape = config.find("build_input_shape");
      require(shape && shape->is_list(), where,
              "a Sequential model must state the shape of its input. Got none. Put an Input first and save it again.");
      refs.emplace_back(read_input(
          Config::object({{"config", Config::object({{"name", "input_layer"}, {"batch_shape", *shape}})}}), where));
    }
    layers.push_back(read_layer(entry, extensions, where));
    refs.emplace_back(layers.back());
  }
  try {
    ReadModel read{Sequential(refs, config.get("name", "")), {}};
    read.layers = layers;
    return read;
  } catch (const Error& error) { fail(where, error.what()); }
}

}  // namespace

ReadModel read_model(const Config& config, const Config& extensions, const std::string& where) {
  const Config* class_name = config.find("class_name");
  const Config* own = config.find("config");
  require(class_name && class_name->is_string() && own && own->is_object(), where,
          "config.json must have a class_name and a config. Got ", config.text().substr(0, 100), ".");
  const std::string kind = class_name->as_string();
  require(kind == "Sequential" || kind == "Functional" || kind == "Model", where,
          "the model must be Sequential or Functional. Got \"", kind, "\".");
  ReadModel read =
      kind == "Sequential" ? read_sequential(*own, extensions, where) : read_functional(*own, extensions, where);
  if (!own->get("trainable", true))
    for (const auto& layer : read.model.layers()) layer->set_trainable(false);
  return read;
}

}  // namespace batchwise
