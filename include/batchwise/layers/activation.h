// Activation: an activation function as a layer, by Keras name.
#pragma once

#include <batchwise/model.h>

namespace batchwise {

inline LayerRef Activation(const Spec& activation) {
  return make_layer({"Activation", Config::object({{"activation", activation.config.is_object() &&
                                                                          activation.config.as_object().empty()
                                                                      ? Config(activation.class_name)
                                                                      : config_of(activation)}})});
}

}  // namespace batchwise
