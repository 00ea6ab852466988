// RepeatVector: a vector as each step of a sequence.
#pragma once

#include <batchwise/model.h>

namespace batchwise {

inline LayerRef RepeatVector(int64_t n) { return make_layer({"RepeatVector", Config::object({{"n", n}})}); }

}  // namespace batchwise
