// What a layer is beside its arguments.
#include <batchwise/wrapped_layer.h>

#include <algorithm>

#include <batchwise/error.h>

#include "model/model_layer.h"

namespace batchwise {
namespace {

bool has_values(const Layer& layer) {
  const auto& own = layer.weights();
  if (std::any_of(own.begin(), own.end(), [](const auto& variable) { return !variable->value.empty(); })) return true;
  const std::vector<Part> parts = layer.parts();
  return std::any_of(parts.begin(), parts.end(), [](const Part& part) { return has_values(*part.layer); });
}

}  // namespace

Config arguments_of(const LayerRef& ref) {
  const Layer& layer = *ref.layer();
  require(!has_values(layer), layer.class_name(),
          "a wrapper makes a layer of its own from the arguments: what is wrapped must have no values. Got one with "
          "weights: set those of the whole model once it is made.");
  if (!dynamic_cast<const ModelLayer*>(&layer))  // whose config says so
    require(
        layer.trainable() && !layer.dtype_policy(), layer.class_name(),
        "a wrapper makes a layer of its own from the arguments: freeze the wrapper, or give it the dtype policy. Got "
        "a layer that is ",
        layer.trainable() ? "of another policy." : "frozen.");
  return config_of(Spec(std::string(layer.class_name()), layer.config()));
}

}  // namespace batchwise
