// Means per channel in double, then one pass; the backward pass draws again and sees from the output what was cut off.
#include "kernels/color_shift.h"

#include <algorithm>

#include "base/random.h"

namespace batchwise {
namespace {

class ColorShiftKernel final : public Kernel {
 public:
  ColorShiftKernel(const ColorShiftRules& rules, const TensorType& type, int64_t grain)
      : rules_(rules), type_(type), grain_(grain) {}
  std::string_view kind() const override { return "color_shift"; }
  std::vector<TensorType> outputs() const override { return {type_}; }
  KernelNeeds needs() const override { return {.backward_inputs = true}; }
  KernelMemory memory() const override {
    const int64_t bytes = channels() * static_cast<int64_t>(2 * sizeof(double));
    return {.forward_scratch = bytes, .backward_scratch = bytes};
  }
  KernelCost cost() const override {
    const double count = static_cast<double>(grain_ * type_.stored_count());
    return {.flops = 5 * count, .bytes = 12 * count};
  }

  void forward(const ForwardCall& call) const override {
    auto* mean = static_cast<double*>(call.scratch);
    for (int64_t row = 0; row < grain_; ++row) {
      const ColorShift shift = drawn(call.address, row);
      const float* x = static_cast<const float*>(call.inputs[0]) + row * type_.stored_count();
      float* y = static_cast<float*>(call.outputs[0]) + row * type_.stored_count();
      means(x, mean);
      each([&](int64_t i, int64_t c) { y[i] = std::clamp(moved(x[i], mean[c], shift), rules_.least, rules_.most); });
    }
  }
  void backward(const BackwardCall& call) const override {
    if (!call.input_gradients[0]) return;
    auto* mean = static_cast<double*>(call.scratch);
    double* sum = mean + channels();  // of the gradients that pass, per channel
    for (int64_t row = 0; row < grain_; ++row) {
      const ColorShift shift = drawn(call.address, row);
      const float* x = static_cast<const float*>(call.inputs[0]) + row * type_.stored_count();
      const float* dy = static_cast<const float*>(call.output_gradients[0]) + row * type_.stored_count();
      float* dx = static_cast<float*>(call.input_gradients[0]) + row * type_.stored_count();
      means(x, mean);
      std::fill_n(sum, channels(), 0.0);
      const auto passed = [&](int64_t i, int64_t c) {
        const float y = moved(x[i], mean[c], shift);
        return y >= rules_.least && y <= rules_.most ? dy[i] : 0.0f;
      };
      each([&](int64_t i, int64_t c) { sum[c] += passed(i, c); });
      const auto pixels = static_cast<double>(type_.stored_count() / channels());
      each([&](int64_t i, int64_t c) {
        dx[i] = shift.scale * passed(i, c) + (1 - shift.scale) * static_cast<float>(sum[c] / pixels);
      });
    }
  }

 private:
  int64_t channels() const { return type_.shape.rank() == 0 ? 1 : type_.shape.back(); }
  ColorShift drawn(const SampleAddress& address, int64_t row) const {
    const auto bits = philox(mix(address.seed, rules_.key), address.first_sample + static_cast<uint64_t>(row), 0);
    return rules_.shift({unit_float(bits[0]), unit_float(bits[1]), unit_float(bits[2]), unit_float(bits[3])});
  }
  static float moved(float x, double mean, const ColorShift& shift) {
    const auto centre = static_cast<float>(mean);
    return shift.scale == 1 ? x + shift.added : (x - centre) * shift.scale + centre + shift.added;
  }
  template <class See>
  void each(See see) const {
    const int64_t c = channels();
    for (int64_t i = 0; i < type_.stored_count(); i += c)
      for (int64_t k = 0; k < c; ++k) see(i + k, k);
  }
  void means(const float* x, double* mean) const {
    std::fill_n(mean, channels(), 0.0);
    each([&](int64_t i, int64_t c) { mean[c] += x[i]; });
    for (int64_t c = 0; c < channels(); ++c) mean[c] /= static_cast<double>(type_.stored_count() / channels());
  }

  ColorShiftRules rules_;
  TensorType type_;
  int64_t grain_;
};

}  // namespace

std::unique_ptr<Kernel> make_color_shift_kernel(const ColorShiftRules& rules, const TensorType& type, int64_t grain) {
  return std::make_unique<ColorShiftKernel>(rules, type, grain);
}

}  // namespace batchwise
