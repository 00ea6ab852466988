// A model's architecture as Keras's config.json states it, read.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <batchwise/config.h>
#include <batchwise/model.h>

namespace batchwise {

struct ReadModel {
  Model model;
  std::vector<std::shared_ptr<Layer>> layers;  // in the file's order: what weight paths count
};

// `config` is a whole config.json, `extensions` what layer_extensions gave (or null). Throws Error(Input) that names
// the layer for whatever would not be read exactly: unknown classes and arguments, nested models, Lambda, masks, other
// dtypes.
ReadModel read_model(const Config& config, const Config& extensions, const std::string& where);

// One entry of a model's list of layers, as a layer with its name; input layers are made by read_model itself.
std::shared_ptr<Layer> read_layer(const Config& object, const Config& extensions, const std::string& where);

// The name a file gives to a layer. Throws unless the entry is an object with a name.
std::string layer_name_of(const Config& object, const std::string& where);

// The tensor that an InputLayer entry stands for.
Symbol read_input(const Config& object, const std::string& where);

// The layers, calls, inputs and outputs of a Functional config.
ReadModel read_functional(const Config& config, const Config& extensions, const std::string& where);

}  // namespace batchwise
