// A fixed linear map of each sample: every element of the result is a sum of a few elements, each times a number.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <batchwise/kernel.h>

namespace batchwise {

// What one element of the result consists of.
struct Terms {
  std::vector<int64_t> sources;  // elements of the sample, in its canonical order
  std::vector<float> factors;
  void add(int64_t source, float factor) {
    sources.push_back(source);
    factors.push_back(factor);
  }
};

// The terms of all elements of the result, one after another; those of element i end at ends[i].
struct LinearMap {
  Shape output;
  Terms terms;
  std::vector<int64_t> ends;
};

// `element`: adds the terms of the element at `place`. Terms are added up in their order.
LinearMap linear_map(const Shape& output,
                     const std::function<void(std::span<const int64_t> place, Terms& terms)>& element);

// REQUIRES: float32, plain layout.
std::unique_ptr<Kernel> make_linear_map_kernel(std::string kind, const TensorType& input, LinearMap map, int64_t grain);

}  // namespace batchwise
