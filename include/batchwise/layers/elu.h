// ELU: x where positive, else alpha * (exp(x) - 1).
#pragma once

#include <batchwise/model.h>

namespace batchwise {

struct ELUOptions {
  double alpha = 1.0;
};

inline LayerRef ELU(const ELUOptions& options = {}) {
  return make_layer({"ELU", Config::object({{"alpha", options.alpha}})});
}

}  // namespace batchwise
