// ZeroPadding3D: zeros around a volume.
#pragma once

#include <batchwise/model.h>

namespace batchwise {

struct ZeroPadding3DOptions {
  Config padding = 1;  // n, or per axis; per axis also {before, after}
};

inline LayerRef ZeroPadding3D(const ZeroPadding3DOptions& options = {}) {
  return make_layer({"ZeroPadding3D", Config::object({{"padding", options.padding}})});
}

}  // namespace batchwise
