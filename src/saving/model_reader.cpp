// A whole config.json, read: which kind of model it is, Sequential chains, and whether the model learns at all.
#include "saving/model_reader.h"

#include <batchwise/dtype_policy.h>
#include <batchwise/error.h>

#include "base/known_keys.h"

namespace batchwise {

void require_few_layers(const Config::List& layers, const std::string& where) {
  constexpr size_t kMost = 20'000;
  require(layers.size() <= kMost, where, "a model may have at most ", kMost, " layers. Got ", layers.size(), ".");
}

namespace {

Model read_sequential(const Config& config, const ReadScope& scope) {
  const std::string& where = scope.where;
  std::vector<LayerRef> refs;
  require_few_layers(config.at("layers").as_list(where), where);
  for (const Config& entry : config.at("layers").as_list(where)) {
    const Config* class_name = entry.find("class_name");
    if (class_name && *class_name == Config("InputLayer")) {
      require(refs.empty(), where, "an InputLayer must come first. Got one after ", refs.size(), " layers.");
      refs.emplace_back(read_input(entry, where));
      continue;
    }
    if (refs.empty()) {
      // A file without an explicit input states the shape the model was built with; Keras 2 in its first layer.
      const Config* shape = config.find("build_input_shape");
      const Config* own = entry.find("config");
      if (!shape && own) shape = own->find("batch_input_shape");
      require(shape && shape->is_list(), where,
              "a Sequential model must state the shape of its input. Got none. Put an Input first and save it again.");
      refs.emplace_back(read_input(
          Config::object({{"config", Config::object({{"name", "input_layer"}, {"batch_shape", *shape}})}}), where));
    }
    refs.emplace_back(read_layer(entry, scope));
  }
  try {
    return Sequential(refs, config.get("name", ""));
  } catch (const Error& error) { fail(where, error.what()); }
}

}  // namespace

Model read_model(const Config& config, const ReadScope& scope) {
  const Config* class_name = config.find("class_name");
  const Config* own = config.find("config");
  require(class_name && class_name->is_string() && own && own->is_object(), scope.where,
          "a model must have a class_name and a config. Got ", config.text().substr(0, 100), ".");
  const std::string kind = class_name->as_string();
  require(kind == "Sequential" || kind == "Functional" || kind == "Model", scope.where,
          "the model must be Sequential or Functional. Got \"", kind, "\".");
  require(own->find("layers") && own->find("layers")->is_list(), scope.where,
          "a model's config must have a list of layers. Got ", own->text().substr(0, 100), ".");
  if (kind != "Sequential")
    for (const char* key : {"input_layers", "output_layers"})
      require(own->find(key) != nullptr, scope.where, "a model's config must have ", key, ". Got ",
              own->text().substr(0, 100), ".");
  const std::string at = scope.where + ": " + kind;
  if (kind == "Sequential") require_known_keys(*own, at, {"name", "trainable", "dtype", "layers", "build_input_shape"});
  else require_known_keys(*own, at, {"name", "trainable", "dtype", "layers", "input_layers", "output_layers"});
  dtype_policy_of(own->find("dtype"), at);
  Model model = kind == "Sequential" ? read_sequential(*own, scope) : read_functional(*own, scope);
  if (!own->get("trainable", true))
    for (const auto& layer : model.layers()) layer->set_trainable(false);
  return model;
}

}  // namespace batchwise
