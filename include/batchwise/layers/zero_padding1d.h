// ZeroPadding1D: zeros around a line.
#pragma once

#include <batchwise/model.h>

namespace batchwise {

struct ZeroPadding1DOptions {
  Config padding = 1;  // n, or per axis; per axis also {before, after}
};

inline LayerRef ZeroPadding1D(const ZeroPadding1DOptions& options = {}) {
  return make_layer({"ZeroPadding1D", Config::object({{"padding", options.padding}})});
}

}  // namespace batchwise
