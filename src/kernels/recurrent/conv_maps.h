// The maps of ConvLSTM: convolutions of images of one to three axes.
#pragma once

#include <array>

#include "kernels/recurrent/step_maps.h"

namespace batchwise {

// One axis of a convolution.
struct ConvAxis {
  int64_t input = 1, output = 1, kernel = 1, stride = 1, dilation = 1;
  int64_t before = 0;  // zeros in front

  int64_t padded() const { return (output - 1) * stride + (kernel - 1) * dilation + 1; }
};
using ConvAxes = std::array<ConvAxis, 3>;  // the last ones, those before stay as they are

std::unique_ptr<InputMap> conv_input_map(const StepLayout& layout, const ConvAxes& axes, int64_t channels);
// axes: stride 1, output as large as input; of the state.
std::unique_ptr<StateMap> conv_state_map(const StepLayout& layout, const ConvAxes& axes);

}  // namespace batchwise
