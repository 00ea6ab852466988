// How a layer resizes: which part of the image, which pixels, by the plan that image files are resized by.
#pragma once

#include "images/interpolation.h"
#include "kernels/image_sampling.h"

namespace batchwise {

struct ResizeRequest {
  int64_t height = 1, width = 1;
  Interpolation interpolation = Interpolation::Bilinear;
  bool crop_to_aspect_ratio = false;  // the middle of the image, in the output's ratio
  bool pad_to_aspect_ratio = false;   // the image in the middle of the fill value, in the output's ratio
  bool antialias = false;
};

// For images of shape (H, W, C).
struct ResizePlan {
  SampledAxis rows, columns;
};
ResizePlan plan_resize(const ResizeRequest& request, const Shape& image);

// Cuts a window out.
SampledAxis window_axis(int64_t first, int64_t length);

}  // namespace batchwise
