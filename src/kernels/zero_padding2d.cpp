// Zeros around images: blocked channels are so many images of `block` channels.
#include "kernels/zero_padding2d.h"

#include <cstring>

namespace batchwise {
namespace {

class ZeroPadding2DKernel final : public Kernel {
 public:
  ZeroPadding2DKernel(const Border& border, const TensorType& type, int64_t grain)
      : border_(border), from_(type), to_(type) {
    to_.shape[0] += border.top + border.bottom;
    to_.shape[1] += border.left + border.right;
    pixel_ = type.channel_block ? type.channel_block : type.shape[2];
    images_ = type.channel_block ? grain * ((type.shape[2] + pixel_ - 1) / pixel_) : grain;
  }
  std::string_view kind() const override { return "zero_padding2d"; }
  std::vector<TensorType> outputs() const override { return {to_}; }
  KernelNeeds needs() const override { return {.backward_inputs = false}; }
  KernelCost cost() const override {
    return {.bytes = 8.0 * static_cast<double>(images_ * to_.shape[0] * to_.shape[1] * pixel_)};
  }

  void forward(const ForwardCall& call) const override {
    std::memset(call.outputs[0], 0,
                static_cast<size_t>(images_ * to_.shape[0] * to_.shape[1] * pixel_) * sizeof(float));
    const float* x = static_cast<const float*>(call.inputs[0]);
    float* y = static_cast<float*>(call.outputs[0]);
    rows([&](int64_t inner, int64_t outer, size_t bytes) { std::memcpy(y + outer, x + inner, bytes); });
  }
  void backward(const BackwardCall& call) const override {
    if (!call.input_gradients[0]) return;
    const float* dy = static_cast<const float*>(call.output_gradients[0]);
    float* dx = static_cast<float*>(call.input_gradients[0]);
    rows([&](int64_t inner, int64_t outer, size_t bytes) { std::memcpy(dx + inner, dy + outer, bytes); });
  }

 private:
  // body(first float of a row of the input, its place in the output, bytes)
  template <class Body>
  void rows(Body body) const {
    const int64_t height = from_.shape[0], row = from_.shape[1] * pixel_, wide = to_.shape[1] * pixel_;
    for (int64_t image = 0; image < images_; ++image)
      for (int64_t h = 0; h < height; ++h)
        body((image * height + h) * row, (image * to_.shape[0] + border_.top + h) * wide + border_.left * pixel_,
             static_cast<size_t>(row) * sizeof(float));
  }
  Border border_;
  TensorType from_, to_;
  int64_t pixel_, images_;  // floats that lie together; images of that many channels
};

}  // namespace

std::unique_ptr<Kernel> make_zero_padding2d_kernel(const Border& border, const TensorType& type, int64_t grain) {
  return std::make_unique<ZeroPadding2DKernel>(border, type, grain);
}

}  // namespace batchwise
