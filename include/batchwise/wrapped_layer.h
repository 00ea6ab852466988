// A layer as the argument of another that wraps it.
#pragma once

#include <batchwise/model.h>

namespace batchwise {

// The layer's class and arguments, of which a wrapper makes a layer of its own. Throws where the layer is more than
// they say, which would be lost: it has values, is frozen, or has a dtype policy.
Config arguments_of(const LayerRef& layer);

}  // namespace batchwise
