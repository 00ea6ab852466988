// Maximum: the largest of its inputs, element by element, dimensions of 1 repeated.
#pragma once

#include <batchwise/model.h>

namespace batchwise {

inline LayerRef Maximum() { return make_layer("Maximum"); }

}  // namespace batchwise
