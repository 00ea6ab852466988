// Resizing: images to another size.
#pragma once

#include <string>

#include <batchwise/model.h>

namespace batchwise {

struct ResizingOptions {
  int64_t height = 1;
  int64_t width = 1;
  std::string interpolation = "bilinear";  // nearest, bicubic, area, lanczos3, lanczos5, gaussian, mitchellcubic
  bool crop_to_aspect_ratio = false;
  bool pad_to_aspect_ratio = false;
  double fill_value = 0;
  bool antialias = false;
};

inline LayerRef Resizing(const ResizingOptions& options = {}) {
  return make_layer({"Resizing", Config::object({{"height", options.height},
                                                 {"width", options.width},
                                                 {"interpolation", options.interpolation},
                                                 {"crop_to_aspect_ratio", options.crop_to_aspect_ratio},
                                                 {"pad_to_aspect_ratio", options.pad_to_aspect_ratio},
                                                 {"fill_value", options.fill_value},
                                                 {"antialias", options.antialias}})});
}

}  // namespace batchwise
