// The three passes of a convolution, each the way that suits its shapes: implicit matrix products, or Winograd's.
#pragma once

#include "kernels/convolution.h"
#include "kernels/convolution_passes.h"
#include "kernels/winograd.h"

namespace batchwise {

// Immutable; nothing allocates but the constructor. At most `options.grain` images at a time.
class ConvolutionWays {
 public:
  explicit ConvolutionWays(const ConvolutionKernelOptions& options);

  const WeightLayoutPtr& forward_layout() const { return forward_panels_; }             // read by outputs()
  const WeightLayoutPtr& backward_layout() const { return transposed_; }                // by inputs(); null: never
  const WeightLayoutPtr& gradient_layout() const { return passes_.gradient_panels(); }  // written by gradient()
  int64_t depth() const { return passes_.depth(); }                                     // that one output sums over
  int64_t weight_count() const { return passes_.kernel().count(); }
  int64_t images_together() const { return passes_.images_together(); }
  int64_t outputs_scratch_bytes() const;
  int64_t gradient_scratch_bytes() const;
  int64_t inputs_scratch_bytes() const;

  // As those of ConvolutionPasses.
  void outputs(int64_t images, const float* inputs, const float* weights, const float* bias, float* outputs,
               void* scratch, const Share& share = {}) const;
  void gradient(int64_t images, const float* inputs, const float* gradients, float* panels, bool accumulate,
                void* scratch) const;
  void inputs(int64_t images, const float* gradients, const float* weights, float* inputs, void* scratch) const;
  // Whether accumulating in gradient() is adding what it would write, to the bit.
  bool gradient_in_one_stretch() const { return winograd_.weight_gradient || passes_.gradient_in_one_stretch(); }

  // Bands of rows of one image begin at multiples of this; 0: images are convolved whole.
  int64_t rows_apart() const;
  bool gradient_by_rows() const { return !winograd_.weight_gradient && rows_apart() > 0; }
  // The image as the calls below read it: `scratch` filled, or the image itself.
  const float* ready(const float* image, void* scratch) const;
  // `outputs`: where row `first` goes.
  void output_rows(const float* ready, int64_t first, int64_t count, const float* weights, const float* bias,
                   float* outputs, void* scratch) const;
  // `gradients`: of row `first` and those behind it. REQUIRES: gradient_by_rows().
  void gradient_rows(const float* ready, int64_t first, int64_t count, const float* gradients, float* panels,
                     bool accumulate) const;

 private:
  ConvolutionKernelOptions options_;
  ConvolutionPasses passes_;
  WinogradPasses winograd_;
  WinogradConvolution winograd_forward_, winograd_backward_;
  WinogradWeightGradient winograd_weight_gradient_;
  WeightLayoutPtr forward_panels_, transposed_;
};

}  // namespace batchwise
