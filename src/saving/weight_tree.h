// Where the weights of a model lie in Keras's weight files: by layer, and in layers by their parts.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <batchwise/model.h>

namespace batchwise {

// A "vars" group: every layer and part has one, also without weights.
struct WeightGroup {
  std::string path;                                // "layers/bidirectional/forward_layer/cell/vars"
  std::string name;                                // of the layer: an attribute of the group
  std::vector<std::shared_ptr<Variable>> weights;  // the arrays "0", "1", ...: trainable ones first
};

// Layers in the model's order, each before its parts. One that stands at several places lies at the first.
std::vector<WeightGroup> weight_groups(const Model& model);

}  // namespace batchwise
