// The three products of a convolution of operands rounded to bfloat16.
#pragma once

#include "kernels/bfloat16_images.h"
#include "kernels/product/panel_layout.h"

namespace batchwise {

// As ConvolutionPasses, whose float32 tensors it takes and gives. Kernels lie in panels of rounded pairs, their
// gradient in output_panels().
class Bfloat16Convolution {
 public:
  // `inputs_from_outputs`: inputs() will be called.
  Bfloat16Convolution(const ConvolutionShape& shape, int64_t grain, bool inputs_from_outputs);

  const WeightLayoutPtr& output_panels() const { return output_panels_; }  // read by outputs()
  const WeightLayoutPtr& input_panels() const { return input_panels_; }    // read by inputs(); null: never
  int64_t outputs_scratch_bytes() const { return images_.scratch_bytes(grain_); }
  int64_t inputs_scratch_bytes() const { return gradients_.scratch_bytes(grain_); }
  int64_t gradient_scratch_bytes() const;

  void outputs(int64_t images, const float* inputs, const float* panels, const float* bias, bool relu, float* outputs,
               void* scratch) const;
  void inputs(int64_t images, const float* outputs, const float* panels, const float* bias, bool relu, float* inputs,
              void* scratch) const;
  void gradient(int64_t images, const float* inputs, const float* outputs, float* panels, void* scratch) const;

 private:
  int64_t rows_of_positions() const { return shape_.window.depth.output * shape_.window.height.output; }  // per image
  void find_places(int64_t grain);

  ConvolutionShape shape_;
  int64_t grain_;
  KernelShape kernel_;
  WeightLayoutPtr output_panels_, input_panels_;
  RoundedImages images_, gradients_;  // what outputs() and inputs() read
  ForwardPath forward_;
  BackwardPaths backward_;
  // What gradient() reads: sums over rows of `length_` positions.
  TransposedImages transposed_;
  int64_t length_ = 0;
  std::vector<int64_t> row_places_;               // of each row of positions of a grain, in the transposed images
  std::vector<int64_t> tap_places_, tap_panels_;  // of each tap, in them and in the kernel's gradient
};

}  // namespace batchwise
