// For each output pixel up to four source pixels with weights; the backward pass draws the same map and spreads.
#include "kernels/warp.h"

#include <algorithm>
#include <cmath>

#include "base/random.h"

namespace batchwise {
namespace {

// A position brought inside [0, length - 1] by the rules of TensorFlow's ImageProjectiveTransform.
float inside(float at, int64_t length, WarpFill fill) {
  const auto size = static_cast<float>(length);
  const float last = size - 1;
  if (fill == WarpFill::Constant || (at >= 0 && at <= last)) return at;
  if (fill == WarpFill::Nearest || length == 1) return std::clamp(at, 0.0f, last);
  if (fill == WarpFill::Reflect) {
    const float period = 2 * size;
    if (at < 0) {
      if (at < -period) at += period * std::trunc(-at / period);
      at = at < -size ? at + period : -at - 1;
    } else {
      at -= period * std::trunc(at / period);
      if (at >= size) at = period - at - 1;
    }
    return std::clamp(at, 0.0f, last);
  }
  if (at < 0) at += size * (std::trunc(-at / last) + 1);
  else at -= size * std::trunc(at / last);
  return std::clamp(at, 0.0f, last);
}

class WarpKernel final : public Kernel {
 public:
  WarpKernel(const WarpRules& rules, const TensorType& type, int64_t grain)
      : rules_(rules), in_(type), out_(type), grain_(grain) {
    out_.shape = {rules.height, rules.width, type.shape[2]};
  }
  std::string_view kind() const override { return "warp"; }
  std::vector<TensorType> outputs() const override { return {out_}; }
  KernelNeeds needs() const override { return {.backward_inputs = false}; }
  KernelCost cost() const override {
    const double count = static_cast<double>(grain_ * out_.stored_count());
    return {.flops = 8 * count, .bytes = 20 * count};
  }

  void forward(const ForwardCall& call) const override {
    const int64_t c = in_.shape[2];
    for (int64_t row = 0; row < grain_; ++row) {
      const float* x = static_cast<const float*>(call.inputs[0]) + row * in_.stored_count();
      float* y = static_cast<float*>(call.outputs[0]) + row * out_.stored_count();
      std::fill_n(y, out_.stored_count(), 0.0f);
      each_tap(call.address, row, [&](int64_t to, int64_t from, float weight) {
        for (int64_t i = 0; i < c; ++i) y[to * c + i] += weight * (from >= 0 ? x[from * c + i] : rules_.fill_value);
      });
    }
  }
  void backward(const BackwardCall& call) const override {
    if (!call.input_gradients[0]) return;
    const int64_t c = in_.shape[2];
    for (int64_t row = 0; row < grain_; ++row) {
      const float* dy = static_cast<const float*>(call.output_gradients[0]) + row * out_.stored_count();
      float* dx = static_cast<float*>(call.input_gradients[0]) + row * in_.stored_count();
      std::fill_n(dx, in_.stored_count(), 0.0f);
      each_tap(call.address, row, [&](int64_t to, int64_t from, float weight) {
        if (from < 0) return;
        for (int64_t i = 0; i < c; ++i) dx[from * c + i] += weight * dy[to * c + i];
      });
    }
  }

 private:
  // see(output pixel, source pixel or -1 for the fill value, weight)
  template <class See>
  void each_tap(const SampleAddress& address, int64_t row, See see) const {
    const auto bits = philox(mix(address.seed, rules_.key), address.first_sample + static_cast<uint64_t>(row), 0);
    const WarpMap map =
        rules_.map({unit_float(bits[0]), unit_float(bits[1]), unit_float(bits[2]), unit_float(bits[3])});
    const int64_t height = in_.shape[0], width = in_.shape[1];
    const auto pixel = [&](float y, float x) -> int64_t {
      if (!(y >= 0 && x >= 0 && y <= static_cast<float>(height - 1) && x <= static_cast<float>(width - 1))) return -1;
      return static_cast<int64_t>(y) * width + static_cast<int64_t>(x);
    };
    for (int64_t oy = 0; oy < rules_.height; ++oy)
      for (int64_t ox = 0; ox < rules_.width; ++ox) {
        const auto fx = static_cast<float>(ox), fy = static_cast<float>(oy);
        const float x = inside(map.xx * fx + map.xy * fy + map.x0, width, rules_.fill);
        const float y = inside(map.yx * fx + map.yy * fy + map.y0, height, rules_.fill);
        const int64_t to = oy * rules_.width + ox;
        if (!rules_.bilinear) {
          see(to, pixel(std::round(y), std::round(x)), 1.0f);
          continue;
        }
        const float left = std::floor(x), top = std::floor(y), wx = x - left, wy = y - top;
        see(to, pixel(top, left), (1 - wy) * (1 - wx));
        if (wx > 0) see(to, pixel(top, left + 1), (1 - wy) * wx);
        if (wy > 0) see(to, pixel(top + 1, left), wy * (1 - wx));
        if (wx > 0 && wy > 0) see(to, pixel(top + 1, left + 1), wy * wx);
      }
  }

  WarpRules rules_;
  TensorType in_, out_;
  int64_t grain_;
};

}  // namespace

std::unique_ptr<Kernel> make_warp_kernel(const WarpRules& rules, const TensorType& type, int64_t grain) {
  return std::make_unique<WarpKernel>(rules, type, grain);
}

}  // namespace batchwise
