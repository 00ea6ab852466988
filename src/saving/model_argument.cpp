// A whole model as the argument of a layer, TimeDistributed(model): how it is read, and how it is stated.
#include <batchwise/error.h>

#include "model/model_layer.h"
#include "saving/model_config.h"
#include "saving/model_reader.h"

namespace batchwise {
namespace {

std::unique_ptr<Layer> read_argument(const Config& config) {
  const Config* name = config.find("name");
  require(name && name->is_string() && !name->as_string().empty(), "model", "a model in a layer must have a name. Got ",
          name ? name->text() : "none", ".");
  const char* kind = config.find("input_layers") ? "Functional" : "Sequential";
  const ReadScope scope{"model \"" + name->as_string() + "\"", {}};
  return std::make_unique<ModelLayer>(read_model(Config::object({{"class_name", kind}, {"config", config}}), scope));
}

// Keras calls such a model on a tensor, not on a list of one: a graph with one end states it without the list.
void unwrap_one(Config& config, const char* key) {
  const Config* ends = config.find(key);
  if (ends && ends->as_list().size() == 1 && ends->as_list().front().is_list())
    config.set(key, Config(ends->as_list().front()));
}

Config state_argument(const Model& model) {
  const Config extensions = layer_extensions(model);
  require(extensions.as_object().empty(), model.name(),
          "a model in a layer must have nothing that Keras's files cannot say. Got ", extensions.text().substr(0, 200),
          ".");
  Config config = model_config(model).at("config");
  for (const char* key : {"input_layers", "output_layers"}) unwrap_one(config, key);
  return config;
}

const bool registered = [] {
  set_model_statement(state_argument);
  for (const char* kind : {"Sequential", "Functional"}) Registry<Layer>::instance().add(kind, {read_argument, {}});
  Registry<Layer>::instance().alias("Model", "Functional");
  return true;
}();

}  // namespace
}  // namespace batchwise
