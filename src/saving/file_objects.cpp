// Objects of files: whose their classes are, by their modules and registered names, and which keys they have.
#include "saving/file_objects.h"

#include <batchwise/error.h>

namespace batchwise {
namespace {

// "keras.layers", "keras.src.ops.numpy"; tf_keras is Keras 2 where Keras 3 is installed.
bool is_kerass(std::string_view module) {
  return module == "keras" || module.starts_with("keras.") || module.starts_with("tf_keras.");
}

// Keras's own classes are registered by no name or by their own, its functions by theirs.
bool is_own_name(const Config& registered, const Config& object) {
  const Config* config = object.find("config");
  return registered.is_null() || registered == object.at("class_name") || (config && registered == *config);
}

// What Keras states as {class_name, config} alone: tensors, slices, texts of bytes.
bool is_value(const Config& class_name) { return class_name.is_string() && class_name.as_string().starts_with("__"); }

void require_kerass_class(const Config& object, const std::string& where) {
  const Config &name = object.at("class_name"), *module = object.find("module"),
               *registered = object.find("registered_name");
  if (is_value(name)) return;
  const bool function = name == Config("function") && module && *module == Config("builtins");
  const bool own_module = !module || function || (module->is_string() && is_kerass(module->as_string()));
  const bool own_name = !registered || is_own_name(*registered, object);
  if (own_module && own_name) return;
  const Config& shown = own_name ? name : *registered;
  fail(where, "a class must be Keras's own: the code of others is not in the file. Got ", shown.text().substr(0, 100),
       module ? " of the module " + module->text().substr(0, 100) : "", ".");
}

constexpr std::string_view kKeys[] = {"module",       "class_name",     "config",          "registered_name",
                                      "build_config", "compile_config", "shared_object_id"};

bool is_key(std::string_view key, bool layer, bool top) {
  for (std::string_view known : kKeys)
    if (key == known) return true;
  return (layer && (key == "name" || key == "inbound_nodes")) || (top && (key == "keras_version" || key == "backend"));
}

void require_known_keys_of(const Config& object, bool layer, bool top, const std::string& where) {
  if (is_value(object.at("class_name"))) return;
  for (const auto& [key, value] : object.as_object())
    require(is_key(key, layer, top), where, "every key of an object must be one that batchwise knows. Got \"", key,
            "\": ", value.text().substr(0, 100), ".");
}

// An entry of a list of layers by its name.
std::string place_in_list(const Config& item, std::string_view key, const std::string& where) {
  const Config* config = item.find("config");
  const Config* name = config ? config->find("name") : nullptr;
  return key == "layers" && name && name->is_string() ? where + ": layer \"" + name->as_string() + "\"" : where;
}

enum class Place { Top, Layers, Elsewhere };

void walk(const Config& value, std::string_view key, Place place, const std::string& where) {
  if (value.is_list()) {
    const Place inside = key == "layers" ? Place::Layers : Place::Elsewhere;
    for (const Config& item : value.as_list())
      if (item.is_object() || item.is_list()) walk(item, "", inside, place_in_list(item, key, where));
    return;
  }
  if (!value.is_object()) return;
  if (value.find("class_name")) {
    require_kerass_class(value, where);
    require_known_keys_of(value, place == Place::Layers, place == Place::Top, where);
  }
  for (const auto& [inner, item] : value.as_object()) {
    if (!item.is_object() && !item.is_list()) continue;
    const bool unnamed = inner == "config" || inner == "compile_config" || inner == "layers";
    walk(item, inner, Place::Elsewhere, unnamed ? where : where + ": " + inner);
  }
}

}  // namespace

void require_known_objects(const Config& config, const std::string& where) { walk(config, "", Place::Top, where); }

}  // namespace batchwise
