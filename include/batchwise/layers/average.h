// Average: the mean of its inputs, element by element, dimensions of 1 repeated.
#pragma once

#include <batchwise/model.h>

namespace batchwise {

inline LayerRef Average() { return make_layer("Average"); }

}  // namespace batchwise
