// Identity: the input as it is.
#pragma once

#include <batchwise/model.h>

namespace batchwise {

inline LayerRef Identity() { return make_layer("Identity"); }

}  // namespace batchwise
