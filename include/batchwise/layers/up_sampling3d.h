// UpSampling3D: each element of a volume several times.
#pragma once

#include <batchwise/model.h>
#include <batchwise/size3d.h>

namespace batchwise {

struct UpSampling3DOptions {
  Size3D size = 2;
};

inline LayerRef UpSampling3D(const UpSampling3DOptions& options = {}) {
  return make_layer({"UpSampling3D", Config::object({{"size", config_of(options.size)}})});
}

}  // namespace batchwise
