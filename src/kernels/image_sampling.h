// Images to other sizes: each output pixel a weighted sum of source pixels, along rows and then across them.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <batchwise/kernel.h>

namespace batchwise {

// One axis: which source positions each output is made of.
struct SampledAxis {
  int64_t outputs = 0;
  int64_t taps = 1;            // source positions for each output, one after another
  std::vector<int32_t> first;  // of the taps
  std::vector<float> weights;  // taps for each output
  std::vector<float> outside;  // how much of the fill value each output takes; empty: none takes any
};

// (H, W, C) -> (rows.outputs, columns.outputs, C), plain float32. Only one axis may look outside.
std::unique_ptr<Kernel> make_image_sampling_kernel(SampledAxis rows, SampledAxis columns, float fill,
                                                   const TensorType& type, int64_t grain);

}  // namespace batchwise
