// Add: the sum of its inputs.
#pragma once

#include <batchwise/model.h>

namespace batchwise {

inline LayerRef Add() { return make_layer("Add"); }

}  // namespace batchwise
