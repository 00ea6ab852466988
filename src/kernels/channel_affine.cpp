// Every channel scaled and shifted by weights of its own.
#include "kernels/channel_affine.h"

#include <algorithm>

#include "kernels/simd/channelwise.h"

namespace batchwise {
namespace {

class ChannelAffineKernel final : public Kernel {
 public:
  ChannelAffineKernel(const TensorType& type, bool scale, bool center, int64_t grain)
      : type_(type), scale_(scale), center_(center), grain_(grain), period_(channel_period(type.shape.back())) {}
  std::string_view kind() const override { return "channel_affine"; }
  std::vector<TensorType> outputs() const override { return {type_}; }
  KernelMemory memory() const override {
    return {.forward_scratch = 3 * period_ * 4, .backward_scratch = period_ * (4 * 4 + 2 * 8)};
  }
  KernelNeeds needs() const override { return {.backward_inputs = scale_, .in_place = true}; }
  KernelCost cost() const override {
    const double count = static_cast<double>(grain_ * type_.shape.count());
    return {.flops = 2 * count, .bytes = 8 * count};
  }
  bool shares() const override { return true; }
  bool backward_reads_weight(int index) const override { return scale_ && index == 0; }

  void forward(const ForwardCall& call) const override {
    float* centre = static_cast<float*>(call.scratch);
    float *scale = centre + period_, *shift = scale + period_;
    std::fill_n(centre, period_, 0.0f);
    fill(scale, scale_ ? call.weights[0] : nullptr, 1);
    fill(shift, center_ ? call.weights[scale_] : nullptr, 0);
    const int64_t count = grain_ * type_.shape.count(), periods = (count + period_ - 1) / period_;
    const int64_t first = call.share.begin(periods) * period_;
    const int64_t end = std::min(count, call.share.end(periods) * period_);
    if (first < end)
      channelwise().apply(static_cast<const float*>(call.inputs[0]) + first,
                          static_cast<float*>(call.outputs[0]) + first, end - first, centre, scale, shift, period_);
  }

  void backward(const BackwardCall& call) const override {
    const int64_t channels = type_.shape.back(), count = call.rows * type_.shape.count();
    double* sums = static_cast<double*>(call.scratch);
    double* products = sums + period_;
    float* centre = reinterpret_cast<float*>(products + period_);
    float *scale = centre + period_, *zeros = scale + period_;
    std::fill_n(centre, period_, 0.0f);
    std::fill_n(zeros, period_, 0.0f);
    fill(scale, scale_ ? call.weights[0] : nullptr, 1);
    std::fill_n(sums, 2 * period_, 0.0);
    const float* dy = static_cast<const float*>(call.output_gradients[0]);
    // Where only sums are wanted the inputs are not at hand: any values will do.
    const float* x = scale_ ? static_cast<const float*>(call.inputs[0]) : dy;
    channelwise().measure_gradient(dy, x, count, centre, sums, products, period_);
    for (int64_t c = channels; c < period_; ++c) {
      sums[c % channels] += sums[c];
      products[c % channels] += products[c];
    }
    if (scale_ && call.weight_gradients[0])
      std::transform(products, products + channels, call.weight_gradients[0],
                     [](double v) { return static_cast<float>(v); });
    if (center_ && call.weight_gradients[scale_])
      std::transform(sums, sums + channels, call.weight_gradients[scale_],
                     [](double v) { return static_cast<float>(v); });
    float* dx = static_cast<float*>(call.input_gradients[0]);
    if (dx) channelwise().apply(dy, dx, grain_ * type_.shape.count(), centre, scale, zeros, period_);
  }

 private:
  // One period of coefficients: channels over and over; null: the constant.
  void fill(float* to, const float* from, float constant) const {
    const int64_t channels = type_.shape.back();
    for (int64_t i = 0; i < period_; ++i) to[i] = from ? from[i % channels] : constant;
  }

  TensorType type_;
  bool scale_, center_;
  int64_t grain_, period_;
};

}  // namespace

std::unique_ptr<Kernel> make_channel_affine_kernel(const TensorType& type, bool scale, bool center, int64_t grain) {
  return std::make_unique<ChannelAffineKernel>(type, scale, center, grain);
}

}  // namespace batchwise
