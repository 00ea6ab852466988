// How kernels of dense and convolution layers lie for products of bfloat16: rounded, in panels of pairs.
#pragma once

#include <vector>

#include "kernels/product/panel_layout.h"

namespace batchwise {

// Both are made of the canonical kernel or of output_panels(shape), where the float32 values are kept. What is summed
// over lies in pairs, padded with zeros to in_steps() for each tap.

// Outputs as columns: (group, panel of outputs, tap, pair of inputs, 16, 2).
WeightLayoutPtr bfloat16_output_panels(const KernelShape& shape);

// Inputs as columns: (group, panel of inputs, tap, pair of outputs, 16, 2), taps in the given order.
WeightLayoutPtr bfloat16_input_panels(const KernelShape& shape, std::vector<int64_t> tap_order = {0});

}  // namespace batchwise
