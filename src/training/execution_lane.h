// A lane's own lists of pointers for the calls of kernels, made once.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "training/execution.h"

namespace batchwise {

struct Execution::Lane {
  std::vector<const void*> inputs, values;
  std::vector<void*> outputs, output_gradients, input_gradients;
  std::vector<float*> weight_gradients;
  std::vector<double*> metrics;
  std::span<int64_t> rows;
  double* doubles = nullptr;
  double ignored = 0;
};

}  // namespace batchwise
