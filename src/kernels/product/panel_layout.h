// How kernels of dense and convolution layers lie for the matrix product: in panels of 16 columns.
#pragma once

#include <vector>

#include <batchwise/kernel.h>

namespace batchwise {

// The canonical kernel (taps, inputs, outputs), row-major, `outputs` counting all groups: Keras's (KH, KW, C / groups,
// F), a dense layer's (inputs, units) with one tap.
struct KernelShape {
  int64_t taps = 1;
  int64_t inputs = 0;   // of one group
  int64_t outputs = 0;  // of one group
  int64_t groups = 1;
  int64_t count() const { return taps * inputs * outputs * groups; }
  friend bool operator==(const KernelShape&, const KernelShape&) = default;
};

// Outputs as columns: (group, panel of outputs, tap, input, 16). What forward reads, and the gradient's layout.
WeightLayoutPtr output_panels(const KernelShape& shape);

// Inputs as columns: (group, panel of inputs, tap, output, 16), taps in the given order. What the gradient of the input
// reads.
WeightLayoutPtr input_panels(const KernelShape& shape, std::vector<int64_t> tap_order = {0});

}  // namespace batchwise
