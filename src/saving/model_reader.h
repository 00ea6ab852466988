// A model's architecture as Keras's config.json states it, read.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <batchwise/config.h>
#include <batchwise/model.h>

#include "saving/file_call.h"

namespace batchwise {

// Where a model stands that is being read.
struct ReadScope {
  std::string where;  // starts every message: the file, and the models around
  Config extensions;  // what layer_extensions gave for this model, or null
  // The layers of the file by their shared_object_id: one that stands in several models is one layer.
  std::shared_ptr<std::map<int64_t, std::shared_ptr<Layer>>> shared =
      std::make_shared<std::map<int64_t, std::shared_ptr<Layer>>>();
};

// `config` is a whole config.json, or the entry of a model that is a layer. Throws Error(Input) that names the layer
// for whatever would not be read exactly: unknown classes and arguments, Lambda, other dtypes.
Model read_model(const Config& config, const ReadScope& scope);

// One entry of a model's list of layers, as a layer with its name; input layers are made by read_model itself.
std::shared_ptr<Layer> read_layer(const Config& object, const ReadScope& scope);

// The name a file gives to a layer. Throws unless the entry is an object with a name.
std::string layer_name_of(const Config& object, const std::string& where);

// The tensor that an InputLayer entry stands for.
Symbol read_input(const Config& object, const std::string& where);

// The layers, calls, inputs and outputs of a Functional config.
Model read_functional(const Config& config, const ReadScope& scope);

// A chain of layers that is deeper than the call stack cannot be taken down.
void require_few_layers(const Config::List& layers, const std::string& where);

}  // namespace batchwise
