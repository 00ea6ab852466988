// One layer of a file: its class made from its arguments, with everything that cannot be kept refused by name.
#include <batchwise/error.h>

#include "model/input_layer.h"
#include "saving/keras_object.h"
#include "saving/model_reader.h"

namespace batchwise {
namespace {

const Config& config_of_entry(const Config& object, const std::string& where) {
  const Config* config = object.find("config");
  require(config && config->is_object(), where, "a layer must have a config. Got ",
          config ? config->text().substr(0, 100) : "none", ".");
  return *config;
}

std::string class_of_entry(const Config& object, const std::string& where) {
  const Config* name = object.find("class_name");
  require(name && name->is_string(), where, "a layer must have a class_name. Got ",
          name ? name->text().substr(0, 100) : "none", ".");
  return name->as_string();
}

}  // namespace

std::string layer_name_of(const Config& object, const std::string& where) {
  const Config* config = object.find("config");
  const Config* name = config ? config->find("name") : nullptr;
  if (!name) name = object.find("name");
  require(name && name->is_string() && !name->as_string().empty(), where, "every layer must have a name. Got ",
          object.text().substr(0, 100), ".");
  return name->as_string();
}

Symbol read_input(const Config& object, const std::string& where) {
  const std::string name = layer_name_of(object, where);
  const std::string at = where + ": layer \"" + name + "\"";
  Config config = config_of_entry(object, at);
  for (const auto& [key, value] : config.as_object()) {
    if (key == "name" || key == "batch_shape" || key == "dtype" || key == "trainable") continue;
    const bool as_before = (key == "optional" || key == "sparse" || key == "ragged") && value == Config(false);
    require(as_before, at, "an InputLayer's ", key, " must be ",
            key == "optional" || key == "sparse" || key == "ragged" ? "false" : "absent", ". Got ",
            value.text().substr(0, 100), ".");
  }
  if (const Config* dtype = config.find("dtype"); dtype && dtype->is_object()) {
    const Config* policy = dtype->find("config");
    const Config* word = policy ? policy->find("name") : nullptr;
    require(word && word->is_string(), at, "dtype must be a word. Got ", dtype->text().substr(0, 100), ".");
    config.set("dtype", Config(*word));
  }
  try {
    const InputLayer layer(config);
    return Input(layer.shape(), {name, layer.dtype()});
  } catch (const Error& error) { fail(at, error.what()); }
}

std::shared_ptr<Layer> read_layer(const Config& object, const Config& extensions, const std::string& where) {
  const std::string name = layer_name_of(object, where);
  const std::string at = where + ": layer \"" + name + "\"";
  const std::string class_name = class_of_entry(object, at);
  require(class_name != "Sequential" && class_name != "Functional" && class_name != "Model", at,
          "models inside models cannot be read yet. Got a ", class_name, ".");
  require(class_name != "Lambda" && class_name != "TFSMLayer", at,
          "layers that run code from the file are never loaded. Got a ", class_name, ".");
  const Config* module = object.find("module");
  require(!module || !module->is_string() || module->as_string().find(".ops.") == std::string::npos, at,
          "operations on tensors cannot be read: use a layer. Got ", module ? module->text() : "", " ", class_name,
          ".");

  Config config = plain_arguments(config_of_entry(object, at));
  require_float32(config.find("dtype"), at);
  const Config* trainable = config.find("trainable");
  require(!trainable || trainable->is_bool(), at, "trainable must be true or false. Got ",
          trainable ? trainable->text().substr(0, 100) : "", ".");
  const bool learns = !trainable || trainable->as_bool();
  for (const char* key : {"name", "trainable", "dtype"}) config.erase(key);
  if (const Config* own = extensions.find(name))
    for (const auto& [key, value] : own->as_object(at)) config.set(key, value);
  try {
    std::shared_ptr<Layer> layer = Registry<Layer>::instance().make(Spec(class_name, config), class_name);
    layer->set_name(name);
    layer->set_trainable(learns);
    return layer;
  } catch (const Error& error) { fail(at, error.what()); }
}

}  // namespace batchwise
