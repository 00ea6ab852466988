// Masking: steps whose values all are mask_value do not count for the layers behind.
#pragma once

#include <batchwise/model.h>

namespace batchwise {

inline LayerRef Masking(double mask_value = 0) {
  return make_layer({"Masking", Config::object({{"mask_value", mask_value}})});
}

}  // namespace batchwise
