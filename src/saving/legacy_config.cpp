// What the JSON texts of legacy .h5 files say otherwise than config.json does.
#include "saving/legacy_config.h"

#include <string>

#include <batchwise/error.h>
#include <batchwise/loss.h>
#include <batchwise/registry.h>

namespace batchwise {
namespace {

// Arguments of Keras 2 that say how to compute, not what.
bool says_how(const std::string& key, const Config& value) {
  if (key == "implementation") return value.is_int();
  if (key == "time_major" || key == "ragged" || key == "sparse") return value == Config(false);
  return key == "input_length" && value.is_null();
}

Config layer_of_legacy(const Config& layer) {
  if (!layer.is_object()) return layer;
  Config out = layer;
  const Config* config = layer.find("config");
  if (!config || !config->is_object()) return out;
  const Config* class_name = layer.find("class_name");
  const bool input = class_name && *class_name == Config("InputLayer");
  Config own = Config(Config::Object{});
  for (const auto& [key, value] : config->as_object()) {
    if (!input && says_how(key, value)) continue;
    if (key == "layers" && value.is_list()) {
      Config::List layers;
      for (const Config& inner : value.as_list()) layers.push_back(layer_of_legacy(inner));
      own.set(key, layers);
    } else if ((key == "layer" || key == "backward_layer" || key == "cell") && value.is_object()) {
      own.set(key, layer_of_legacy(value));
    } else if (key == "axis" && class_name && *class_name == Config("BatchNormalization") && value.is_list() &&
               value.as_list().size() == 1) {
      own.set(key, value.as_list().front());
    } else {
      own.set(key, value);
    }
  }
  out.set("config", own);
  return out;
}

// Losses and metrics, alone, in lists or by name.
Config plain_objects(const Config& value) {
  if (value.is_list()) {
    Config::List all;
    for (const Config& item : value.as_list()) all.push_back(plain_objects(item));
    return all;
  }
  if (!value.is_object()) return value;
  const Config* name = value.find("class_name");
  const Config* config = value.find("config");
  if (!name || !config || !config->is_object()) {
    Config all = Config(Config::Object{});
    for (const auto& [key, item] : value.as_object()) all.set(key, plain_objects(item));
    return all;
  }
  Config own = Config(Config::Object{});
  for (const auto& [key, item] : config->as_object())
    if (!(key == "reduction" && item == Config("auto")) && !(key == "fn")) own.set(key, item);
  // Keras 2 writes a metric that is the mean of a function so.
  const Config* function = config->find("fn");
  const bool wrapped = *name == Config("MeanMetricWrapper") && function && function->is_string();
  return Config::object({{"class_name", wrapped ? Config(*function) : *name}, {"config", own}});
}

Config optimizer_of_legacy(const Config& optimizer, const std::string& where) {
  const Config* config = optimizer.find("config");
  if (!config || !config->is_object()) return optimizer;
  Config own = Config(Config::Object{});
  for (const auto& [key, value] : config->as_object()) {
    if (key == "jit_compile" || key == "is_legacy_optimizer") continue;
    if (key == "decay") {
      require(value == Config(0) || value == Config(0.0), where, "a decay of an optimizer must be 0. Got ",
              value.text(), ". Use a schedule, InverseTimeDecay.");
      continue;
    }
    own.set(key == "lr" ? "learning_rate" : key, value);
  }
  Config out = optimizer;
  out.set("config", own);
  return out;
}

// Keras looks names of losses up among classes alone here: "mse" would not load.
Config loss_classes(const Config& value) {
  if (value.is_string()) return Registry<Loss>::instance().canonical(value.as_string());
  if (value.is_object() && !value.find("class_name")) {  // by the names of outputs
    Config all = Config(Config::Object{});
    for (const auto& [output, item] : value.as_object()) all.set(output, loss_classes(item));
    return all;
  }
  if (!value.is_list()) return value;
  Config::List all;
  for (const Config& item : value.as_list()) all.push_back(loss_classes(item));
  return all;
}

Config legacy_layer(const Config& layer) {
  const Config* module = layer.find("module");
  // Operations on tensors are found by their module alone.
  if (module && module->is_string() && module->as_string().find(".ops.") != std::string::npos) return layer;
  Config out = Config(Config::Object{});
  for (const auto& [key, value] : layer.as_object()) {
    if (key == "module" || key == "registered_name" || key == "build_config" || key == "compile_config") continue;
    if (key != "config" || !value.find("layers")) {
      out.set(key, value);
      continue;
    }
    Config own = value;
    Config::List layers;
    for (const Config& inner : value.at("layers").as_list()) layers.push_back(legacy_layer(inner));
    own.set("layers", layers);
    out.set(key, own);
  }
  return out;
}

}  // namespace

Config model_config_of_legacy(const Config& config) { return layer_of_legacy(config); }

Config compile_config_of_legacy(const Config& config, const std::string& where) {
  Config out = Config(Config::Object{});
  for (const auto& [key, value] : config.as_object(where)) {
    if (key == "optimizer_config") out.set("optimizer", optimizer_of_legacy(value, where));
    else if (key == "loss" || key == "metrics" || key == "weighted_metrics") out.set(key, plain_objects(value));
    else if (key == "sample_weight_mode")
      require(value.is_null(), where, "sample_weight_mode must be null. Got ", value.text().substr(0, 100), ".");
    else out.set(key, value);
  }
  return out;
}

Config legacy_model_config(const Config& config) { return legacy_layer(config); }

Config legacy_training_config(const Config& compile_config) {
  Config out = Config(Config::Object{});
  for (const auto& [key, value] : compile_config.as_object()) {
    if (key == "loss") out.set(key, loss_classes(value));
    else if (key != "optimizer") out.set(key, value);
    else
      out.set("optimizer_config",
              Config::object({{"class_name", value.at("class_name")}, {"config", value.at("config")}}));
  }
  return out;
}

}  // namespace batchwise
