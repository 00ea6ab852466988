// TimeDistributed: one layer for every step of a sequence.
#pragma once

#include <batchwise/wrapped_layer.h>

namespace batchwise {

// A layer of the same arguments as `layer`, which itself stays as it is.
inline LayerRef TimeDistributed(const LayerRef& layer) {
  return make_layer({"TimeDistributed", Config::object({{"layer", arguments_of(layer)}})});
}

}  // namespace batchwise
