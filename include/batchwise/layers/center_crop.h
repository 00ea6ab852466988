// CenterCrop: the middle of an image.
#pragma once

#include <batchwise/model.h>

namespace batchwise {

struct CenterCropOptions {
  int64_t height = 1;
  int64_t width = 1;
};

inline LayerRef CenterCrop(const CenterCropOptions& options = {}) {
  return make_layer({"CenterCrop", Config::object({{"height", options.height}, {"width", options.width}})});
}

}  // namespace batchwise
