// Flatten: every sample as one row.
#pragma once

#include <batchwise/model.h>

namespace batchwise {

inline LayerRef Flatten() { return make_layer("Flatten"); }

}  // namespace batchwise
