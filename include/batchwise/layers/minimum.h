// Minimum: the smallest of its inputs, element by element, dimensions of 1 repeated.
#pragma once

#include <batchwise/model.h>

namespace batchwise {

inline LayerRef Minimum() { return make_layer("Minimum"); }

}  // namespace batchwise
