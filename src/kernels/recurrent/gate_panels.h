// How kernels of recurrent cells lie for the matrix product: every gate in panels of its own.
#pragma once

#include <batchwise/kernel.h>

namespace batchwise {

// The canonical kernel (taps, inputs, gates * units), row-major. Each gate is padded to whole panels, so that the slots
// of a row of gates are whole vectors.
struct GateKernelShape {
  int64_t taps = 1;
  int64_t inputs = 0;
  int64_t gates = 1;
  int64_t units = 0;
  friend bool operator==(const GateKernelShape&, const GateKernelShape&) = default;
};

// Units as columns: (gate, panel of units, tap, input, 16). What forward reads, and the gradient's layout.
WeightLayoutPtr gate_panels(const GateKernelShape& shape);

// Inputs as columns: (panel of inputs, tap, gate, padded unit, 16). What the gradient of the input reads.
WeightLayoutPtr transposed_gate_panels(const GateKernelShape& shape);

}  // namespace batchwise
