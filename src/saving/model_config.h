// A model's architecture as Keras's config.json states it, written.
#pragma once

#include <batchwise/config.h>
#include <batchwise/model.h>

namespace batchwise {

// Without compile_config. Sequential when the model was made so and Keras can say it so, else Functional; models inside
// it likewise.
Config model_config(const Model& model);

// Arguments of layers that Keras does not have (Keras refuses unknown keys): {layer name: {key: value}}. They are kept
// in metadata.json, which Keras does not look into.
Config layer_extensions(const Model& model);

}  // namespace batchwise
