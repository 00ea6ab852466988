// The three products of a convolution, without a matrix of windows ever written out: outputs from inputs, inputs from
// outputs, and the kernel's gradient from both.
#pragma once

#include <batchwise/kernel.h>

#include "kernels/bfloat16_convolution.h"
#include "kernels/convolution_paths.h"
#include "kernels/product/panel_layout.h"
#include "kernels/product/product.h"

namespace batchwise {

// Tensors are plain, channels last. Nothing allocates but the constructor.
class ConvolutionPasses {
 public:
  ConvolutionPasses() = default;
  // `inputs_from_outputs`: inputs() will be called. `bfloat16`: operands are rounded, sums are not.
  ConvolutionPasses(const ConvolutionShape& shape, int64_t grain, bool inputs_from_outputs, bool bfloat16 = false);

  // Images that are best taken through inputs() and gradient() at a time.
  int64_t images_together() const { return bfloat16_ ? bfloat16_->images_together() : grain_; }
  const KernelShape& kernel() const { return kernel_; }
  int64_t depth() const { return kernel_.taps * kernel_.inputs; }              // elements that one output sums over
  const WeightLayoutPtr& output_panels() const { return output_panels_; }      // read by outputs()
  const WeightLayoutPtr& input_panels() const { return input_panels_; }        // read by inputs(); null: never
  const WeightLayoutPtr& gradient_panels() const { return gradient_panels_; }  // written by gradient()
  int64_t outputs_scratch_bytes() const;
  int64_t inputs_scratch_bytes() const;
  int64_t gradient_scratch_bytes() const;

  // outputs = relu(inputs (*) kernel + bias); bias null: none.
  // REQUIRES: a whole share, where bfloat16.
  void outputs(int64_t images, const float* inputs, const float* panels, const float* bias, bool relu, float* outputs,
               void* scratch, const Share& share = {}) const;
  // inputs = relu(the transpose of the convolution applied to outputs + bias): every input position is written.
  void inputs(int64_t images, const float* outputs, const float* panels, const float* bias, bool relu, float* inputs,
              void* scratch) const;
  // panels = what the kernel's gradient is when `outputs` holds those of the outputs.
  // `accumulate`: added to what it holds.
  void gradient(int64_t images, const float* inputs, const float* outputs, float* panels, void* scratch,
                bool accumulate = false) const;

  // By rows of positions, of one image that `ready` has prepared: `scratch` filled, or the image itself.
  // REQUIRES: float32, rows_per_image() rows.
  int64_t rows_per_image() const { return forward_.path.groups_per_image; }
  const float* ready(int64_t images, const float* inputs, void* scratch) const {
    return forward_.images.margined(inputs, images, static_cast<float*>(scratch));
  }
  // `outputs`: where row `first` goes.
  void output_rows(const float* ready, int64_t first, int64_t count, const float* panels, const float* bias, bool relu,
                   float* outputs, const Share& share = {}) const;
  // `outputs`: those of row `first` and behind it.
  void gradient_rows(const float* ready, int64_t first, int64_t count, const float* outputs, float* panels,
                     bool accumulate) const;

  // Whether accumulating in gradient() is adding what it would write, to the bit.
  bool gradient_in_one_stretch() const {
    return !bfloat16_ && in_one_stretch(gradient_product(grain_ * rows_per_image()));
  }

 private:
  int64_t group_count() const;
  Product gradient_product(int64_t rows) const;  // of positions

  ConvolutionShape shape_;
  int64_t grain_ = 0;
  KernelShape kernel_;
  ForwardPath forward_;
  BackwardPaths backward_;
  WeightLayoutPtr output_panels_, input_panels_, gradient_panels_;
  std::shared_ptr<const Bfloat16Convolution> bfloat16_;  // null: everything is float32
};

}  // namespace batchwise
