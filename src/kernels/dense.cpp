// The dense kernel: three matrix products around a kernel kept in panels.
#include "kernels/dense.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include <batchwise/error.h>

#include "kernels/bfloat16_convolution.h"
#include "kernels/product/columns.h"
#include "kernels/product/panel_layout.h"
#include "kernels/product/product.h"
#include "kernels/product/product_share.h"

namespace batchwise {
namespace {

class DenseKernel : public Kernel {
 public:
  explicit DenseKernel(const DenseKernelOptions& options)
      : options_(options),
        inputs_(options.input.shape.back()),
        units_(options.units),
        positions_(inputs_ ? options.input.shape.count() / inputs_ : 0),
        output_{options.input.shape, DType::Float32, 0},
        panels_(output_panels({1, inputs_, units_, 1})),
        transposed_(input_panels({1, inputs_, units_, 1})) {
    output_.shape[-1] = units_;
    if (!options.bfloat16) return;
    // All rows of a grain are one image for a window of one.
    const Window window{.width = window_axis(options.grain * positions_, 1, 1, 1, false), .rank = 1};
    bfloat16_.emplace(ConvolutionShape{window, inputs_, units_, 1}, 1, true);
  }

  std::string_view kind() const override { return options_.relu ? "dense+relu" : "dense"; }
  std::vector<TensorType> outputs() const override { return {output_}; }
  bool shares() const override { return !bfloat16_; }
  // The gradient of the input takes all columns of that of the output, which the lanes finish some columns each.
  int shared_backward_parts() const override { return bfloat16_ ? 0 : options_.input_gradient ? 2 : 1; }
  KernelNeeds needs() const override { return {.backward_inputs = options_.learns, .backward_outputs = options_.relu}; }
  KernelCost cost() const override {
    const double rows = static_cast<double>(options_.grain * positions_);
    const double inputs = static_cast<double>(inputs_), units = static_cast<double>(units_);
    return {.flops = 2 * rows * inputs * units, .bytes = 4 * (rows * (inputs + units) + inputs * units + units)};
  }
  KernelMemory memory() const override {
    if (!bfloat16_) return {};
    return {.forward_scratch = bfloat16_->outputs_scratch_bytes(),
            .backward_scratch = std::max(options_.learns ? bfloat16_->gradient_scratch_bytes() : 0,
                                         options_.input_gradient ? bfloat16_->inputs_scratch_bytes() : 0)};
  }
  WeightLayoutPtr forward_layout(int index) const override {
    return index != 0 ? nullptr : bfloat16_ ? bfloat16_->output_panels() : panels_;
  }
  WeightLayoutPtr backward_layout(int index) const override {
    return index != 0 ? nullptr : bfloat16_ ? bfloat16_->input_panels() : transposed_;
  }
  WeightLayoutPtr gradient_layout(int index) const override { return index == 0 ? panels_ : nullptr; }
  bool backward_reads_weight(int index) const override { return index == 0 && options_.input_gradient; }
  bool can_add_to_gradient(int index) const override {
    return index == 0 && !bfloat16_ && in_one_stretch(gradient_product(options_.grain));
  }

  void forward(const ForwardCall& call) const override {
    if (bfloat16_)
      return bfloat16_->outputs(1, static_cast<const float*>(call.inputs[0]), call.weights[0],
                                options_.bias ? call.weights[1] : nullptr, options_.relu,
                                static_cast<float*>(call.outputs[0]), call.scratch);
    Product product;
    product.rows = options_.grain * positions_;
    product.columns = units_;
    product.a = static_cast<const float*>(call.inputs[0]);
    product.a_row = inputs_;
    product.length = inputs_;
    product.b = call.weights[0];
    product.b_panel = inputs_ * kPanel;
    product.c = static_cast<float*>(call.outputs[0]);
    product.c_row = units_;
    product.bias = options_.bias ? call.weights[1] : nullptr;
    product.relu = options_.relu;
    multiply(product, call.share);
  }

  void backward(const BackwardCall& call) const override {
    const bool whole = call.share.count == 1;
    if (whole || call.part == 0) columns_of(call);
    if (call.input_gradients[0] && (whole || call.part == 1)) input_gradient(call);
  }

 private:
  Product gradient_product(int64_t rows) const {
    Product product;
    product.rows = inputs_;
    product.columns = units_;
    product.a_row = 1;
    product.a_step = inputs_;
    product.length = rows * positions_;
    product.b_step = units_;
    product.c_row = kPanel;
    product.c_panel = inputs_ * kPanel;
    product.c_padded = true;
    return product;
  }

  // What the call's share of the units gives: panels of the weights' gradient lie one after the other.
  void columns_of(const BackwardCall& call) const {
    const int64_t panels = panels_of(units_), first = call.share.begin(panels) * kPanel;
    const int64_t columns = std::min(units_, call.share.end(panels) * kPanel) - first;
    if (columns <= 0) return;
    float* gradient = static_cast<float*>(call.output_gradients[0]) + first;
    const float* outputs = options_.relu ? static_cast<const float*>(call.outputs[0]) + first : nullptr;
    float* bias = options_.bias ? call.weight_gradients[1] : nullptr;
    finish_columns(gradient, outputs, call.rows * positions_, units_, columns, bias ? bias + first : nullptr);
    if (!call.weight_gradients[0]) return;
    if (bfloat16_)
      return bfloat16_->gradient(1, static_cast<const float*>(call.inputs[0]), gradient, call.weight_gradients[0],
                                 false, call.scratch);
    Product product = gradient_product(call.rows);
    product.columns = columns;
    product.a = static_cast<const float*>(call.inputs[0]);
    product.b = gradient;
    product.c = call.weight_gradients[0] + first * inputs_;
    product.accumulate = call.adds && can_add_to_gradient(0);
    multiply(product);
  }

  void input_gradient(const BackwardCall& call) const {
    const float* gradient = static_cast<const float*>(call.output_gradients[0]);
    Product product;
    product.rows = call.rows * positions_;
    product.columns = inputs_;
    product.a = gradient;
    product.a_row = units_;
    product.length = units_;
    product.b = call.weights[0];
    product.b_panel = units_ * kPanel;
    product.c = static_cast<float*>(call.input_gradients[0]);
    product.c_row = inputs_;
    if (bfloat16_) bfloat16_->inputs(1, gradient, call.weights[0], nullptr, false, product.c, call.scratch);
    else multiply(product, call.share);
    if (call.share.index > 0) return;
    const int64_t valid = product.rows * inputs_, all = options_.grain * positions_ * inputs_;
    std::memset(product.c + valid, 0, static_cast<size_t>(all - valid) * sizeof(float));
  }

  DenseKernelOptions options_;
  int64_t inputs_, units_, positions_;
  TensorType output_;
  WeightLayoutPtr panels_, transposed_;
  std::optional<Bfloat16Convolution> bfloat16_;
};

}  // namespace

std::unique_ptr<Kernel> make_dense_kernel(const DenseKernelOptions& options) {
  require(options.input.channel_block == 0 && options.input.dtype == DType::Float32 && options.input.shape.rank() >= 1,
          "dense", "the input must be float32 in plain layout, of rank 1 or more. Got ", options.input.shape, " of ",
          options.input.dtype, ".");
  return std::make_unique<DenseKernel>(options);
}

}  // namespace batchwise
