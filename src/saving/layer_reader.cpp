// One layer of a file: its class made from its arguments, with everything that cannot be kept refused by name.
#include <batchwise/error.h>

#include "model/input_layer.h"
#include "model/model_layer.h"
#include "saving/extensions.h"
#include "saving/keras_object.h"
#include "saving/makeable.h"
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

// Keras's own operations on tensors stand in files as layers of other modules: "keras.src.ops.numpy" and "Add" are
// "ops.numpy.Add" here.
std::string registered_class(const Config& object, const std::string& class_name) {
  const Config* module = object.find("module");
  if (!module || !module->is_string()) return class_name;
  const size_t ops = module->as_string().find(".ops.");
  return ops == std::string::npos ? class_name : module->as_string().substr(ops + 1) + "." + class_name;
}

std::shared_ptr<Layer> layer_of_entry(const Config& object, const std::string& name, const std::string& at,
                                      const ReadScope& scope) {
  const std::string class_name = class_of_entry(object, at);
  require(class_name != "Lambda" && class_name != "TFSMLayer", at,
          "layers that run code from the file are never loaded. Got a ", class_name, ".");
  const Config* own = scope.extensions.find(name);
  if (is_model_class(class_name)) {
    ReadScope inner{at, own ? *own : Config(), scope.shared};
    const auto model = std::make_shared<ModelLayer>(read_model(object, inner));
    model->set_name(name);
    if (!config_of_entry(object, at).get("trainable", true)) model->set_trainable(false);
    return model;
  }

  Config config = plain_arguments(config_of_entry(object, at));
  require_known_parts(config, at);
  // An operation's dtype is an argument of its own, unless it is written as a policy.
  const std::string registered = registered_class(object, class_name);
  const Config* dtype = config.find("dtype");
  const bool argument = registered.starts_with("ops.") && dtype && !dtype->is_object();
  const bool whole_numbers = !argument && has_int64_policy(class_name) && dtype_word(dtype) == "int64";
  const auto policy = argument || whole_numbers ? std::nullopt : dtype_policy_of(dtype, at);
  const Config* trainable = config.find("trainable");
  require(!trainable || trainable->is_bool(), at, "trainable must be true or false. Got ",
          trainable ? trainable->text().substr(0, 100) : "", ".");
  const bool learns = !trainable || trainable->as_bool();
  for (const char* key : {"name", "trainable", "batch_input_shape"}) config.erase(key);
  if (!argument) config.erase("dtype");
  if (own)
    for (const auto& [key, value] : own->as_object(at))
      if (is_extension(key)) config.set(key, value);
  try {
    std::shared_ptr<Layer> layer = Registry<Layer>::instance().make(Spec(registered, config), registered);
    layer->set_name(name);
    if (!learns) layer->set_trainable(false);  // else what is inside may be frozen by itself
    require(!whole_numbers || layer->output_dtype(DType::Float32) == DType::Int64, class_name,
            "dtype must be \"float32\": the output is no whole number. Got \"int64\".");
    if (policy) layer->set_dtype_policy(*policy);
    return layer;
  } catch (const Error& error) { fail(at, error.what()); }
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
  if (const Config* shape = config.find("batch_input_shape")) {  // Keras 2
    config.set("batch_shape", Config(*shape));
    config.erase("batch_input_shape");
  }
  for (const auto& [key, value] : config.as_object()) {
    if (key == "name" || key == "batch_shape" || key == "dtype" || key == "trainable") continue;
    const bool as_before = (key == "optional" || key == "sparse" || key == "ragged") && value == Config(false);
    require(as_before, at, "an InputLayer's ", key, " must be ",
            key == "optional" || key == "sparse" || key == "ragged" ? "false" : "absent", ". Got ",
            value.text().substr(0, 100), ".");
  }
  if (const Config* dtype = config.find("dtype"); dtype && dtype->is_object()) {
    const std::optional<std::string> word = dtype_word(dtype);
    require(word.has_value(), at, "dtype must be a word. Got ", dtype->text().substr(0, 100), ".");
    config.set("dtype", *word);
  }
  try {
    const InputLayer layer(config);
    return Input(layer.shape(), {name, layer.dtype()});
  } catch (const Error& error) { fail(at, error.what()); }
}

std::shared_ptr<Layer> read_layer(const Config& object, const ReadScope& scope) {
  const std::string name = layer_name_of(object, scope.where);
  const std::string at = scope.where + ": layer \"" + name + "\"";
  const Config* id = object.find("shared_object_id");
  if (id && id->is_int())
    if (const auto it = scope.shared->find(id->as_int()); it != scope.shared->end()) return it->second;
  const std::shared_ptr<Layer> layer = layer_of_entry(object, name, at, scope);
  if (id && id->is_int()) scope.shared->emplace(id->as_int(), layer);
  return layer;
}

}  // namespace batchwise
