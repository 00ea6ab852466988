// Multiply: the product of its inputs, element by element, dimensions of 1 repeated.
#pragma once

#include <batchwise/model.h>

namespace batchwise {

inline LayerRef Multiply() { return make_layer("Multiply"); }

}  // namespace batchwise
