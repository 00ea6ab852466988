// Subtract: the first of its two inputs less the second, dimensions of 1 repeated.
#pragma once

#include <batchwise/model.h>

namespace batchwise {

inline LayerRef Subtract() { return make_layer("Subtract"); }

}  // namespace batchwise
