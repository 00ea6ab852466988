// Activations that act on a row of numbers at once (softmax and its like), for the machine's instruction set.
#pragma once

#include <cstdint>
#include <string_view>

namespace batchwise {

struct RowFunction {
  const char* name;
  // y may be x. `work`: `length` floats.
  void (*forward)(const float* x, float* y, float* work, int64_t length);
  // From the output y; dx may be dy.
  void (*backward)(const float* dy, const float* y, float* dx, int64_t length);
};

// "softmax", "log_softmax"; null for others.
const RowFunction* find_row_function(std::string_view name);

}  // namespace batchwise
