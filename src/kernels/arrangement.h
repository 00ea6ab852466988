// The elements of a tensor in another order, step by step: transposed, sliced, repeated, turned round.
#pragma once

#include <vector>

#include "kernels/rearrange.h"

namespace batchwise {

// Which elements of a plain tensor the result consists of: element (i, j, ...) is number start + i * steps[0] + ... of
// the sample. Starts as the tensor itself and is changed axis by axis.
struct Arrangement {
  Shape shape;
  int64_t start = 0;
  std::vector<int64_t> steps;  // in elements; 0 repeats, negative goes backwards

  explicit Arrangement(const Shape& tensor);
  void permute(const std::vector<int>& axes);                        // axis k of the result is axes[k]
  void slice(int axis, int64_t first, int64_t step, int64_t count);  // every step-th from first on
  void drop(int axis);                                               // REQUIRES: its size is 1
  void insert(int axis);                                             // a dimension of 1
  void repeat(int axis, int64_t times);                              // REQUIRES: its size is 1
  bool contiguous() const;  // elements that follow one another from the first on
  Rearrangement elements() const;
};

}  // namespace batchwise
