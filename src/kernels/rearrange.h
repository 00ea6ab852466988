// Elements copied to other places: what padding, cropping, permuting, repeating and slicing come to.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include <batchwise/kernel.h>

namespace batchwise {

// Where each element of the output comes from: one source per run of `run` elements that follow one another on both
// sides; -1: zeros.
struct Rearrangement {
  Shape output;
  int64_t run = 1;
  std::vector<int64_t> sources;
};

// `source`: the input's element (counted in its canonical order) that the output's element at `place` copies, or -1.
Rearrangement rearrangement(const Shape& output, const std::function<int64_t(std::span<const int64_t> place)>& source);

// Axis `i` of the output is axis `axes[i]` of the input.
Rearrangement permutation(const Shape& input, std::span<const int> axes);

// Any dtype, plain; gradients of float32.
std::unique_ptr<Kernel> make_rearrange_kernel(std::string_view kind, const TensorType& input, Rearrangement to,
                                              int64_t grain);

}  // namespace batchwise
