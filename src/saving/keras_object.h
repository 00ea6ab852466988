// Keras's serialized objects, {module, class_name, config, registered_name}, and what differs in them between versions.
#pragma once

#include <string>
#include <string_view>

#include <batchwise/config.h>

namespace batchwise {

// Keras's other layers have this argument.
inline bool takes_trainable(std::string_view class_name) {
  return class_name != "Discretization" && !class_name.starts_with("SpatialDropout");
}

// Layers whose dtype Keras writes as int64 when their output is whole numbers.
inline bool has_int64_policy(std::string_view class_name) {
  return class_name == "Hashing" || class_name == "HashedCrossing";
}

// A model among the arguments of a layer: {class_name, config}, where only the config is Keras's own form.
bool is_model_class(std::string_view class_name);

Config keras_object(std::string_view module, std::string_view class_name, Config config, Config registered_name = {});

// A Spec as an object of `module` ("keras.losses"); without arguments, its plain name, which every Keras knows.
Config name_or_object(std::string_view module, const Spec& spec);

// A layer's arguments in the form that Keras 3.3 and all later ones load: initializers, regularizers and constraints
// become objects of their modules; what newer versions added is left out where it has its default.
Config portable_arguments(const Config& arguments);

// A file's arguments in our form: {class_name, config} objects, without what newer versions added where it has its
// default. What has another value stays, to be refused by whoever does not know it.
Config plain_arguments(const Config& arguments);

// The Spec of a loss, metric, optimizer or schedule as a file states it: a name, an object, or a named function.
Spec spec_of_object(const Config& value, std::string_view where);

// Throws unless the dtype of a layer (a word, a policy object, or null) is float32.
void require_float32(const Config* dtype, std::string_view where);

}  // namespace batchwise
