// Images to other sizes: each output pixel a weighted sum of source pixels, along rows and then across them.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <batchwise/kernel.h>

namespace batchwise {

// One axis: which source positions each output is made of. Outputs before `begin` and from `end` on are filled.
struct SampledAxis {
  int64_t size = 0;  // outputs in all
  int64_t begin = 0, end = 0;
  int64_t taps = 1;            // source positions for each output, one after another
  std::vector<int32_t> first;  // of the taps, for the outputs [begin, end)
  std::vector<float> weights;  // taps for each of them
};

// (H, W, C) -> (rows.size, columns.size, C), plain float32; what is filled gets `fill`.
std::unique_ptr<Kernel> make_resampling_kernel(SampledAxis rows, SampledAxis columns, float fill,
                                               const TensorType& type, int64_t grain);

}  // namespace batchwise
