// Source rows are brought to the output's width as they are needed; then rows are added up, channels and columns at
// once.
#include "kernels/image_sampling.h"

#include <algorithm>
#include <cstring>

namespace batchwise {
namespace {

class ImageSamplingKernel final : public Kernel {
 public:
  ImageSamplingKernel(SampledAxis rows, SampledAxis columns, float fill, const TensorType& type, int64_t grain)
      : rows_(std::move(rows)), columns_(std::move(columns)), fill_(fill), in_(type), out_(type), grain_(grain) {
    out_.shape = {rows_.outputs, columns_.outputs, type.shape[2]};
  }
  std::string_view kind() const override { return "image_sampling"; }
  std::vector<TensorType> outputs() const override { return {out_}; }
  KernelNeeds needs() const override { return {.backward_inputs = false}; }
  KernelMemory memory() const override {
    const int64_t bytes = in_.shape[0] * inner() * static_cast<int64_t>(sizeof(float));
    return {.forward_scratch = bytes, .backward_scratch = bytes};
  }
  KernelCost cost() const override {
    const double wide = static_cast<double>(in_.shape[0] * inner() * columns_.taps);
    const double high = static_cast<double>(rows_.outputs * inner() * rows_.taps);
    return {.flops = 2.0 * static_cast<double>(grain_) * (wide + high),
            .bytes = 4.0 * static_cast<double>(grain_ * (in_.stored_count() + out_.stored_count()))};
  }

  void forward(const ForwardCall& call) const override {
    for (int64_t row = 0; row < grain_; ++row)
      forward_one(static_cast<const float*>(call.inputs[0]) + row * in_.stored_count(),
                  static_cast<float*>(call.scratch), static_cast<float*>(call.outputs[0]) + row * out_.stored_count());
  }
  void backward(const BackwardCall& call) const override {
    if (!call.input_gradients[0]) return;
    for (int64_t row = 0; row < grain_; ++row)
      backward_one(static_cast<const float*>(call.output_gradients[0]) + row * out_.stored_count(),
                   static_cast<float*>(call.scratch),
                   static_cast<float*>(call.input_gradients[0]) + row * in_.stored_count());
  }

 private:
  int64_t channels() const { return in_.shape[2]; }
  int64_t inner() const { return columns_.outputs * channels(); }  // floats of an output row

  void forward_one(const float* x, float* wide, float* y) const {
    const int64_t c = channels(), width = inner();
    for (int64_t h = 0; h < in_.shape[0]; ++h) {
      const float* source = x + h * in_.shape[1] * c;
      float* to = wide + h * width;
      for (int64_t o = 0; o < columns_.outputs; ++o, to += c) {
        const float* from = source + columns_.first[static_cast<size_t>(o)] * c;
        const float* weights = columns_.weights.data() + o * columns_.taps;
        const float added = filled(columns_, o);
        for (int64_t i = 0; i < c; ++i) to[i] = weights[0] * from[i] + added;
        for (int64_t k = 1; k < columns_.taps; ++k)
          for (int64_t i = 0; i < c; ++i) to[i] += weights[k] * from[k * c + i];
      }
    }
    for (int64_t o = 0; o < rows_.outputs; ++o, y += width) {
      const float* from = wide + rows_.first[static_cast<size_t>(o)] * width;
      const float* weights = rows_.weights.data() + o * rows_.taps;
      const float added = filled(rows_, o);
      for (int64_t i = 0; i < width; ++i) y[i] = weights[0] * from[i] + added;
      for (int64_t k = 1; k < rows_.taps; ++k)
        for (int64_t i = 0; i < width; ++i) y[i] += weights[k] * from[k * width + i];
    }
  }

  void backward_one(const float* dy, float* wide, float* dx) const {
    const int64_t c = channels(), width = inner();
    std::fill_n(wide, in_.shape[0] * width, 0.0f);
    for (int64_t o = 0; o < rows_.outputs; ++o) {
      const float* from = dy + o * width;
      float* to = wide + rows_.first[static_cast<size_t>(o)] * width;
      const float* weights = rows_.weights.data() + o * rows_.taps;
      for (int64_t k = 0; k < rows_.taps; ++k)
        for (int64_t i = 0; i < width; ++i) to[k * width + i] += weights[k] * from[i];
    }
    std::fill_n(dx, in_.stored_count(), 0.0f);
    for (int64_t h = 0; h < in_.shape[0]; ++h) {
      const float* from = wide + h * width;
      for (int64_t o = 0; o < columns_.outputs; ++o, from += c) {
        float* to = dx + (h * in_.shape[1] + columns_.first[static_cast<size_t>(o)]) * c;
        const float* weights = columns_.weights.data() + o * columns_.taps;
        for (int64_t k = 0; k < columns_.taps; ++k)
          for (int64_t i = 0; i < c; ++i) to[k * c + i] += weights[k] * from[i];
      }
    }
  }

  float filled(const SampledAxis& axis, int64_t o) const {
    return axis.outside.empty() ? 0.0f : axis.outside[static_cast<size_t>(o)] * fill_;
  }

  SampledAxis rows_, columns_;
  float fill_;
  TensorType in_, out_;
  int64_t grain_;
};

}  // namespace

std::unique_ptr<Kernel> make_image_sampling_kernel(SampledAxis rows, SampledAxis columns, float fill,
                                                   const TensorType& type, int64_t grain) {
  return std::make_unique<ImageSamplingKernel>(std::move(rows), std::move(columns), fill, type, grain);
}

}  // namespace batchwise
