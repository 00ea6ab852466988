// TimeDistributed: one layer for every step of a sequence.
#pragma once

#include <batchwise/model.h>

namespace batchwise {

// A layer of the same arguments as `layer`, which itself stays as it is.
inline LayerRef TimeDistributed(const LayerRef& layer) {
  const Spec spec(std::string(layer.layer()->class_name()), layer.layer()->config());
  return make_layer({"TimeDistributed", Config::object({{"layer", config_of(spec)}})});
}

}  // namespace batchwise
