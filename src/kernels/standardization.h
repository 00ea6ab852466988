// (x - mean) / deviation, or back, with numbers that repeat over the elements of a sample.
#pragma once

#include <memory>
#include <vector>

#include <batchwise/kernel.h>

namespace batchwise {

struct StandardizationRules {
  std::vector<int32_t> places;  // which mean each of the first elements of a sample takes; then they repeat
  bool invert = false;          // x * deviation + mean
};

// Mean and variance are the kernel's two weights, or given here. REQUIRES: the number of places divides a sample's.
std::unique_ptr<Kernel> make_standardization_kernel(StandardizationRules rules, std::vector<float> mean,
                                                    std::vector<float> variance, const TensorType& type, int64_t grain);

}  // namespace batchwise
