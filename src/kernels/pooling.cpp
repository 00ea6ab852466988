// Pooling kernels: image after image of a grain.
#include "kernels/pooling.h"

#include <algorithm>

#include <batchwise/error.h>

#include "kernels/pooling_passes.h"
#include "kernels/product/columns.h"

namespace batchwise {
namespace {

int64_t inputs_of(const PoolingKernelOptions& o) { return o.window.inputs() * o.channels; }
int64_t outputs_of(const PoolingKernelOptions& o) { return o.window.outputs() * o.channels; }

TensorType output_type(const PoolingKernelOptions& o) { return {o.window.output_shape(o.channels), DType::Float32, 0}; }

KernelCost pooling_cost(const PoolingKernelOptions& o) {
  const double outputs = static_cast<double>(o.grain * outputs_of(o)),
               inputs = static_cast<double>(o.grain * inputs_of(o));
  return {.flops = outputs * static_cast<double>(o.window.taps()), .bytes = 4 * (inputs + outputs)};
}

template <class Index>
class MaxPoolingKernel : public Kernel {
 public:
  explicit MaxPoolingKernel(const PoolingKernelOptions& options) : options_(options) {}
  const PoolingKernelOptions& options() const { return options_; }
  std::string_view kind() const override { return "max_pooling"; }
  std::vector<TensorType> outputs() const override { return {output_type(options_)}; }
  KernelMemory memory() const override {
    return {.saved = options_.grain * outputs_of(options_) * static_cast<int64_t>(sizeof(Index))};
  }
  KernelNeeds needs() const override { return {.backward_inputs = false}; }
  KernelCost cost() const override { return pooling_cost(options_); }

  void forward(const ForwardCall& call) const override {
    const int64_t inputs = inputs_of(options_), outputs = outputs_of(options_);
    for (int64_t n = 0; n < options_.grain; ++n)
      max_pool_forward(options_.window, options_.channels, static_cast<const float*>(call.inputs[0]) + n * inputs,
                       static_cast<float*>(call.outputs[0]) + n * outputs,
                       static_cast<Index*>(call.saved) + n * outputs);
  }

  void backward(const BackwardCall& call) const override {
    float* result = static_cast<float*>(call.input_gradients[0]);
    if (!result) return;
    const int64_t inputs = inputs_of(options_), outputs = outputs_of(options_);
    for (int64_t n = 0; n < call.rows; ++n)
      max_pool_backward(options_.window, options_.channels,
                        static_cast<const float*>(call.output_gradients[0]) + n * outputs,
                        static_cast<const Index*>(call.saved) + n * outputs, result + n * inputs);
    std::fill_n(result + call.rows * inputs, (options_.grain - call.rows) * inputs, 0.0f);
  }

 private:
  PoolingKernelOptions options_;
};

class AveragePoolingKernel : public Kernel {
 public:
  explicit AveragePoolingKernel(const PoolingKernelOptions& options) : options_(options) {}
  std::string_view kind() const override { return "average_pooling"; }
  std::vector<TensorType> outputs() const override { return {output_type(options_)}; }
  KernelNeeds needs() const override { return {.backward_inputs = false}; }
  KernelCost cost() const override { return pooling_cost(options_); }

  void forward(const ForwardCall& call) const override {
    const int64_t inputs = inputs_of(options_), outputs = outputs_of(options_);
    for (int64_t n = 0; n < options_.grain; ++n)
      average_pool_forward(options_.window, options_.channels, static_cast<const float*>(call.inputs[0]) + n * inputs,
                           static_cast<float*>(call.outputs[0]) + n * outputs);
  }

  void backward(const BackwardCall& call) const override {
    float* result = static_cast<float*>(call.input_gradients[0]);
    if (!result) return;
    const int64_t inputs = inputs_of(options_), outputs = outputs_of(options_);
    for (int64_t n = 0; n < call.rows; ++n)
      average_pool_backward(options_.window, options_.channels,
                            static_cast<const float*>(call.output_gradients[0]) + n * outputs, result + n * inputs);
    std::fill_n(result + call.rows * inputs, (options_.grain - call.rows) * inputs, 0.0f);
  }

 private:
  PoolingKernelOptions options_;
};

class GlobalAveragePoolingKernel : public Kernel {
 public:
  GlobalAveragePoolingKernel(const Shape& input, const Shape& output, int64_t grain)
      : positions_(input.count() / input.back()), channels_(input.back()), output_(output), grain_(grain) {}
  std::string_view kind() const override { return "global_average_pooling"; }
  std::vector<TensorType> outputs() const override { return {{output_, DType::Float32, 0}}; }
  KernelNeeds needs() const override { return {.backward_inputs = false}; }
  KernelCost cost() const override {
    const double inputs = static_cast<double>(grain_ * positions_ * channels_);
    return {.flops = inputs, .bytes = 4 * inputs};
  }

  void forward(const ForwardCall& call) const override {
    const float* input = static_cast<const float*>(call.inputs[0]);
    float* output = static_cast<float*>(call.outputs[0]);
    for (int64_t n = 0; n < grain_; ++n, input += positions_ * channels_, output += channels_) {
      sum_columns(input, positions_, channels_, output);
      for (int64_t c = 0; c < channels_; ++c) output[c] /= static_cast<float>(positions_);
    }
  }

  void backward(const BackwardCall& call) const override {
    float* result = static_cast<float*>(call.input_gradients[0]);
    if (!result) return;
    const float* gradient = static_cast<const float*>(call.output_gradients[0]);
    for (int64_t n = 0; n < call.rows; ++n, gradient += channels_, result += positions_ * channels_) {
      for (int64_t c = 0; c < channels_; ++c) result[c] = gradient[c] / static_cast<float>(positions_);
      for (int64_t p = 1; p < positions_; ++p) std::copy_n(result, channels_, result + p * channels_);
    }
    std::fill_n(result, (grain_ - call.rows) * positions_ * channels_, 0.0f);
  }

 private:
  int64_t positions_, channels_;
  Shape output_;
  int64_t grain_;
};

}  // namespace

std::unique_ptr<Kernel> make_max_pooling_kernel(const PoolingKernelOptions& options) {
  const int64_t taps = options.window.taps();
  require(taps <= 65536, "max_pooling", "the window must have at most 65536 positions. Got ", taps, ".");
  if (taps <= 256) return std::make_unique<MaxPoolingKernel<uint8_t>>(options);
  return std::make_unique<MaxPoolingKernel<uint16_t>>(options);
}

std::optional<PoolingKernelOptions> max_pooling_options(const Kernel& kernel) {
  const auto* pooling = dynamic_cast<const MaxPoolingKernel<uint8_t>*>(&kernel);
  return pooling ? std::optional(pooling->options()) : std::nullopt;
}

std::unique_ptr<Kernel> make_average_pooling_kernel(const PoolingKernelOptions& options) {
  return std::make_unique<AveragePoolingKernel>(options);
}

std::unique_ptr<Kernel> make_global_average_pooling_kernel(const Shape& input, const Shape& output, int64_t grain) {
  return std::make_unique<GlobalAveragePoolingKernel>(input, output, grain);
}

}  // namespace batchwise
