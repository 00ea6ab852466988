// Convolving and pooling band by band of an image, or some images at a time: the band stays in a core's cache.
#include "kernels/pooled_convolution.h"

#include <algorithm>
#include <numeric>

#include "kernels/convolution_ways.h"
#include "kernels/pooling_passes.h"
#include "kernels/product/columns.h"

namespace batchwise {
namespace {

constexpr std::string_view kKinds[3][2] = {{"conv1d, max_pooling", "conv1d+relu, max_pooling"},
                                           {"conv2d, max_pooling", "conv2d+relu, max_pooling"},
                                           {"conv3d, max_pooling", "conv3d+relu, max_pooling"}};
constexpr int64_t kFloat = static_cast<int64_t>(sizeof(float));
constexpr int64_t kBandBytes = 128 << 10;    // of convolved rows, beside what they are made from
constexpr int64_t kImagesBytes = 512 << 10;  // of convolved images

ConvolutionKernelOptions together(ConvolutionKernelOptions options) {
  const int64_t image = options.window.outputs() * options.filters * kFloat;
  options.grain = std::clamp<int64_t>(kImagesBytes / std::max<int64_t>(1, image), 1, options.grain);
  return options;
}

class PooledConvolutionKernel final : public Kernel {
 public:
  PooledConvolutionKernel(const ConvolutionKernelOptions& convolution, const PoolingKernelOptions& pooling)
      : options_(convolution), pool_(pooling.window), together_(together(convolution)), ways_(together_) {
    const WindowAxis& down = pool_.height;
    if (pool_.rank != 2 || down.adaptive || down.before > 0 || down.window > down.stride || ways_.rows_apart() == 0)
      return;
    const int64_t rows = std::lcm(down.stride, ways_.rows_apart()), row = pool_.width.input * options_.filters * kFloat;
    unit_ = rows / down.stride;
    band_ = std::min(down.output, std::max<int64_t>(1, kBandBytes / (rows * row)) * unit_);
  }

  std::string_view kind() const override { return kKinds[options_.window.rank - 1][options_.relu]; }
  std::vector<TensorType> outputs() const override {
    return {{pool_.output_shape(options_.filters), DType::Float32, 0}};
  }
  KernelMemory memory() const override {
    const int64_t backward = backward_by_rows() ? band_floats() : images_floats();
    return {.saved = options_.grain * pooled(),
            .forward_scratch = (unit_ ? band_floats() : images_floats()) * kFloat + ways_.outputs_scratch_bytes(),
            .backward_scratch = backward * kFloat + std::max(options_.learns ? ways_.gradient_scratch_bytes() : 0,
                                                             ways_.inputs_scratch_bytes())};
  }
  KernelNeeds needs() const override { return {.backward_inputs = options_.learns, .backward_outputs = options_.relu}; }
  bool shares() const override { return true; }
  KernelCost cost() const override {
    const double grain = static_cast<double>(options_.grain), outputs = grain * static_cast<double>(convolved());
    return {.flops = 2 * outputs * static_cast<double>(ways_.depth()),
            .bytes = 4 * (grain * static_cast<double>(taken() + pooled()) + static_cast<double>(ways_.weight_count()))};
  }
  WeightLayoutPtr forward_layout(int index) const override { return index == 0 ? ways_.forward_layout() : nullptr; }
  WeightLayoutPtr gradient_layout(int index) const override { return index == 0 ? ways_.gradient_layout() : nullptr; }
  WeightLayoutPtr backward_layout(int index) const override {
    return index == 0 && ways_.backward_layout() ? ways_.backward_layout() : forward_layout(index);
  }
  bool backward_reads_weight(int index) const override { return index == 0 && options_.input_gradient; }
  bool can_add_to_gradient(int index) const override {
    return index == 0 && !backward_by_rows() && together_.grain == options_.grain && ways_.gradient_in_one_stretch();
  }

  void forward(const ForwardCall& call) const override {
    if (unit_) forward_by_rows(call);
    else forward_by_images(call);
  }

  // A rectifier lets through what it let through before the pooling: its mask is the pooled outputs'.
  void backward(const BackwardCall& call) const override {
    finish_gradient(static_cast<float*>(call.output_gradients[0]),
                    options_.relu ? static_cast<const float*>(call.outputs[0]) : nullptr, call.rows * pool_.outputs(),
                    options_.filters, options_.bias ? call.weight_gradients[1] : nullptr);
    float* result = static_cast<float*>(call.input_gradients[0]);
    if (!result && !call.weight_gradients[0]) return;
    if (backward_by_rows()) backward_by_rows(call);
    else backward_by_images(call);
    if (result) std::fill_n(result + call.rows * taken(), (options_.grain - call.rows) * taken(), 0.0f);
  }

 private:
  int64_t taken() const { return options_.window.inputs() * options_.channels; }  // floats of an image, and so on
  int64_t convolved() const { return options_.window.outputs() * options_.filters; }
  int64_t pooled() const { return pool_.outputs() * options_.filters; }
  int64_t row() const { return pool_.width.input * options_.filters; }
  int64_t pooled_row() const { return pool_.width.output * options_.filters; }
  bool backward_by_rows() const { return unit_ > 0 && !options_.input_gradient && ways_.gradient_by_rows(); }
  int64_t images_floats() const { return in_panels(together_.grain * convolved()); }
  int64_t band_floats() const {
    // The last band takes the rows behind the last window too.
    const int64_t behind = std::max<int64_t>(0, pool_.height.input - pool_.height.output * pool_.height.stride);
    return in_panels((band_ * pool_.height.stride + behind) * row());
  }

  // The windows of pooled rows [first, end), over the convolved rows that begin with the first one's.
  struct Band {
    int64_t start = 0, rows = 0;  // of convolved ones
    Window window;
  };
  Band band(int64_t first, int64_t end) const {
    Band band{.window = pool_};
    WindowAxis& down = band.window.height;
    band.start = first * down.stride;
    band.rows = (end == down.output ? down.input : end * down.stride) - band.start;
    down.input = band.rows;
    down.output = end - first;
    return band;
  }

  void forward_by_rows(const ForwardCall& call) const {
    float* conv = static_cast<float*>(call.scratch);
    float* scratch = conv + band_floats();
    const int64_t units = (pool_.height.output + unit_ - 1) / unit_;
    const int64_t begin = call.share.begin(units) * unit_;
    const int64_t end = std::min(call.share.end(units) * unit_, pool_.height.output);
    for (int64_t n = 0; n < options_.grain; ++n) {
      const float* ready = ways_.ready(static_cast<const float*>(call.inputs[0]) + n * taken(), scratch);
      for (int64_t first = begin; first < end; first += band_) {
        const int64_t last = std::min(end, first + band_), to = n * pooled() + first * pooled_row();
        const Band rows = band(first, last);
        ways_.output_rows(ready, rows.start, rows.rows, call.weights[0], options_.bias ? call.weights[1] : nullptr,
                          conv, scratch);
        max_pool_forward(rows.window, options_.filters, conv, static_cast<float*>(call.outputs[0]) + to,
                         static_cast<uint8_t*>(call.saved) + to);
      }
    }
  }

  void forward_by_images(const ForwardCall& call) const {
    float* conv = static_cast<float*>(call.scratch);
    const int64_t end = call.share.end(options_.grain);
    for (int64_t first = call.share.begin(options_.grain); first < end; first += together_.grain) {
      const int64_t images = std::min(together_.grain, end - first);
      ways_.outputs(images, static_cast<const float*>(call.inputs[0]) + first * taken(), call.weights[0],
                    options_.bias ? call.weights[1] : nullptr, conv, conv + images_floats());
      for (int64_t n = 0; n < images; ++n) {
        const int64_t to = (first + n) * pooled();
        max_pool_forward(pool_, options_.filters, conv + n * convolved(), static_cast<float*>(call.outputs[0]) + to,
                         static_cast<uint8_t*>(call.saved) + to);
      }
    }
  }

  void backward_by_rows(const BackwardCall& call) const {
    float* conv = static_cast<float*>(call.scratch);
    bool adds = false;
    for (int64_t n = 0; n < call.rows; ++n) {
      const float* image = static_cast<const float*>(call.inputs[0]) + n * taken();
      const float* ready = ways_.ready(image, conv + band_floats());
      for (int64_t first = 0; first < pool_.height.output; first += band_, adds = true) {
        const Band rows = band(first, std::min(pool_.height.output, first + band_));
        spread(call, rows.window, n * pooled() + first * pooled_row(), conv);
        ways_.gradient_rows(ready, rows.start, rows.rows, conv, call.weight_gradients[0], adds);
      }
    }
  }

  void backward_by_images(const BackwardCall& call) const {
    float* conv = static_cast<float*>(call.scratch);
    float* scratch = conv + images_floats();
    for (int64_t first = 0; first < call.rows; first += together_.grain) {
      const int64_t images = std::min(together_.grain, call.rows - first);
      for (int64_t n = 0; n < images; ++n) spread(call, pool_, (first + n) * pooled(), conv + n * convolved());
      if (float* kernel = call.weight_gradients[0])
        ways_.gradient(images, static_cast<const float*>(call.inputs[0]) + first * taken(), conv, kernel,
                       first > 0 || (call.adds && can_add_to_gradient(0)), scratch);
      if (float* result = static_cast<float*>(call.input_gradients[0]))
        ways_.inputs(images, conv, call.weights[0], result + first * taken(), scratch);
    }
  }

  // The gradients of pooled outputs from `from` on, to where their winners were.
  void spread(const BackwardCall& call, const Window& window, int64_t from, float* to) const {
    max_pool_backward(window, options_.filters, static_cast<const float*>(call.output_gradients[0]) + from,
                      static_cast<const uint8_t*>(call.saved) + from, to);
  }

  ConvolutionKernelOptions options_;
  Window pool_;
  ConvolutionKernelOptions together_;  // of images convolved at a time
  ConvolutionWays ways_;
  int64_t unit_ = 0, band_ = 0;  // pooled rows that bands begin at multiples of, and those of a band; 0: whole images
};

}  // namespace

std::unique_ptr<Kernel> make_pooled_convolution_kernel(const ConvolutionKernelOptions& convolution,
                                                       const PoolingKernelOptions& pooling) {
  return std::make_unique<PooledConvolutionKernel>(convolution, pooling);
}

}  // namespace batchwise
