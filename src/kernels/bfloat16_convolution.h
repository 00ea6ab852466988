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
  // As many images as are rounded together: those of outputs() and inputs() may be more, which are cut.
  int64_t images_together() const { return band_.images; }
  int64_t outputs_scratch_bytes() const { return images_.scratch_bytes(band_.images); }
  int64_t inputs_scratch_bytes() const { return gradients_.scratch_bytes(band_.images); }
  int64_t gradient_scratch_bytes() const;

  void outputs(int64_t images, const float* inputs, const float* panels, const float* bias, bool relu, float* outputs,
               void* scratch) const;
  void inputs(int64_t images, const float* outputs, const float* panels, const float* bias, bool relu, float* inputs,
              void* scratch) const;
  // `accumulate`: added to what panels holds.
  void gradient(int64_t images, const float* inputs, const float* outputs, float* panels, bool accumulate,
                void* scratch) const;

 private:
  // Rows of positions that gradient() sums over at a time: those of some images, or some of one image.
  struct Band {
    int64_t images = 1, rows = 0;  // rows: of each image
  };

  int64_t rows_of_positions() const { return shape_.window.depth.output * shape_.window.height.output; }  // per image
  int64_t input_rows(int64_t rows) const;  // margined, that `rows` rows see
  int64_t pairs_of_row() const { return kernel_.groups * in_panels(kernel_.outputs) * length_; }
  int64_t least_positions() const;
  bool flat() const;  // a window of one: rows do not matter
  Bfloat16Product sums(bool accumulate) const;
  void gradient_of_rows(int64_t images, const float* inputs, const float* outputs, float* panels, bool accumulate,
                        Bfloat16* scratch) const;
  void gradient_of_positions(int64_t positions, const float* inputs, const float* outputs, float* panels,
                             bool accumulate, Bfloat16* scratch) const;
  void add_up(Bfloat16Product& product, const Bfloat16* turned, const Bfloat16* paired, float* panels) const;
  void find_band();
  void find_places();

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
  Band band_;
  std::vector<int64_t> row_places_;               // of each row of positions of a band, in the transposed images
  std::vector<int64_t> tap_places_, tap_panels_;  // of each tap, in them and in the kernel's gradient
};

}  // namespace batchwise
