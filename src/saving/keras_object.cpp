// Keras's serialized objects: modules, plain names, keys that came with later versions.
#include "saving/keras_object.h"

#include <batchwise/dtype_policy.h>
#include <batchwise/error.h>
#include <batchwise/optimizer.h>
#include <batchwise/registry.h>

namespace batchwise {
namespace {

struct Addition {
  std::string_view key;
  Config otherwise;
};

// Keys that came with later versions, each with the value that means "as before".
const std::vector<Addition>& additions() {
  static const std::vector<Addition> all{
      {"quantization_config", {}}, {"input_axes", {}},        {"output_axes", {}},          {"renorm", false},
      {"renorm_clipping", {}},     {"renorm_momentum", 0.99}, {"activity_regularizer", {}},
  };
  return all;
}

bool is_addition(const std::string& key, const Config& value) {
  for (const Addition& addition : additions())
    if (addition.key == key && addition.otherwise == value) return true;
  return false;
}

bool is_activation(std::string_view key) { return key == "activation" || key == "recurrent_activation"; }

std::string_view module_of(std::string_view key) {
  if (key.ends_with("_initializer")) return "keras.initializers";
  if (key.ends_with("_regularizer")) return "keras.regularizers";
  if (key.ends_with("_constraint")) return "keras.constraints";
  if (is_activation(key)) return "keras.layers";  // a function with arguments is a layer in Keras
  if (key == "layer" || key == "backward_layer" || key == "cell" || key == "cells") return "keras.layers";
  return "";
}

// The name that every Keras 3 knows a class by: what 3.15 calls Orthogonal, 3.3 knows by its longer name alone.
std::string_view name_for_all(std::string_view module, std::string_view class_name) {
  return module == "keras.initializers" && class_name == "Orthogonal" ? "OrthogonalInitializer" : class_name;
}

// Words for losses and metrics that are no words of Keras's, which looks them up when the model is trained. A metric is
// logged under its word: there it is the name of a class's object.
struct OwnWord {
  std::string_view module, word;
  const char* known;
};
constexpr OwnWord kOwnWords[] = {
    {"keras.losses", "cce", "categorical_crossentropy"},
    {"keras.losses", "CCE", "categorical_crossentropy"},
    {"keras.losses", "scce", "sparse_categorical_crossentropy"},
    {"keras.losses", "SCCE", "sparse_categorical_crossentropy"},
    {"keras.losses", "huber_loss", "huber"},
    {"keras.losses", "logcosh", "log_cosh"},
    {"keras.losses", "kullback_leibler_divergence", "kl_divergence"},
    {"keras.metrics", "rmse", "RootMeanSquaredError"},
    {"keras.metrics", "RMSE", "RootMeanSquaredError"},
    {"keras.metrics", "kld", "KLDivergence"},
    {"keras.metrics", "KLD", "KLDivergence"},
    {"keras.metrics", "logcosh", "LogCoshError"},
    {"keras.metrics", "log_cosh", "LogCoshError"},
    {"keras.metrics", "fbeta_score", "FBetaScore"},
};

// A Sequential that Keras cannot say as a chain is stated as a graph: the config tells.
Config model_argument(const Config& config) {
  if (config.find("input_layers"))
    return keras_object("keras.src.models.functional", "Functional", config, "Functional");
  return keras_object("keras", "Sequential", config);
}

}  // namespace

bool is_model_class(std::string_view class_name) {
  return class_name == "Sequential" || class_name == "Functional" || class_name == "Model";
}

Config keras_object(std::string_view module, std::string_view class_name, Config config, Config registered_name) {
  return Config::object({{"module", module},
                         {"class_name", name_for_all(module, class_name)},
                         {"config", std::move(config)},
                         {"registered_name", std::move(registered_name)}});
}

Config name_or_object(std::string_view module, const Spec& spec) {
  if (spec.empty()) return {};
  if (spec.config.as_object().empty()) {
    for (const OwnWord& own : kOwnWords) {
      if (own.module != module || own.word != spec.class_name) continue;
      if (module == "keras.losses") return own.known;
      return keras_object(module, own.known, Config::object({{"name", spec.class_name}}));
    }
    return spec.class_name;
  }
  return keras_object(module, spec.class_name, spec.config);
}

Config portable_arguments(const Config& arguments) {
  Config out = Config(Config::Object{});
  for (const auto& [key, value] : arguments.as_object()) {
    if (is_addition(key, value) && key != "activity_regularizer") continue;
    const std::string_view module = module_of(key);
    if (module.empty() || value.is_null() || (is_activation(key) && value.is_string())) {
      out.set(key, value);
      continue;
    }
    if (value.is_list()) {  // of layers
      Config::List all;
      for (const Config& item : value.as_list())
        all.push_back(portable_arguments(Config::object({{"cell", item}})).at("cell"));
      out.set(key, all);
      continue;
    }
    const Spec spec = spec_of(value, key);
    if (is_model_class(spec.class_name)) {
      out.set(key, model_argument(spec.config));
      continue;
    }
    if (is_activation(key) && spec.config.as_object().empty()) {
      out.set(key, spec.class_name);
      continue;
    }
    const std::string name =
        module == "keras.initializers"   ? Registry<Initializer>::instance().canonical(spec.class_name)
        : module == "keras.regularizers" ? Registry<Regularizer>::instance().canonical(spec.class_name)
                                         : spec.class_name;
    out.set(key, keras_object(module, name, portable_arguments(spec.config)));
  }
  return out;
}

Config plain_arguments(const Config& arguments) {
  const auto plain = [](const Config& value) {
    const Config *name = value.find("class_name"), *config = value.find("config");
    if (!name || !config || !config->is_object()) return value;
    if (name->is_string() && is_model_class(name->as_string()))
      return Config::object({{"class_name", *name}, {"config", *config}});
    return Config::object({{"class_name", *name}, {"config", plain_arguments(*config)}});
  };
  Config out = Config(Config::Object{});
  for (const auto& [key, value] : arguments.as_object()) {
    if (is_addition(key, value)) continue;
    if (!value.is_list()) {
      out.set(key, plain(value));
      continue;
    }
    Config::List all;
    for (const Config& item : value.as_list()) all.push_back(plain(item));
    out.set(key, all);
  }
  return out;
}

Spec spec_of_object(const Config& value, std::string_view where) {
  const Config* config = value.find("config");
  if (config && config->is_string()) return Spec(config->as_string());  // a function: its name
  Spec spec = spec_of(value, where);
  spec.config = plain_arguments(spec.config);
  const Config* dtype = spec.config.find("dtype");
  if (spec.class_name.ends_with("IoU")) return spec;  // it counts in whole numbers or not: its reader decides
  require_float32(dtype, std::string(where) + "." + spec.class_name);
  spec.config.erase("dtype");
  return spec;
}

void require_float32(const Config* dtype, std::string_view where) {
  if (!dtype || dtype->is_null()) return;
  require(dtype_word(dtype) == "float32", where, "dtype must be \"float32\". Got ", dtype->text().substr(0, 200), ".");
}

}  // namespace batchwise
