// Lays the numbers out as the elements repeat, then goes over the grain once.
#include "kernels/standardization.h"

#include <algorithm>
#include <cmath>

#include "kernels/simd/channelwise.h"

namespace batchwise {
namespace {

constexpr float kLeast = 1e-7f;  // Keras's epsilon: no deviation is smaller

class StandardizationKernel final : public Kernel {
 public:
  StandardizationKernel(StandardizationRules rules, std::vector<float> mean, std::vector<float> variance,
                        const TensorType& type, int64_t grain)
      : rules_(std::move(rules)), mean_(std::move(mean)), variance_(std::move(variance)), type_(type), grain_(grain) {
    period_ = channel_period(static_cast<int64_t>(rules_.places.size()));
  }
  std::string_view kind() const override { return "standardization"; }
  std::vector<TensorType> outputs() const override { return {type_}; }
  KernelNeeds needs() const override { return {.backward_inputs = false, .in_place = true}; }
  KernelMemory memory() const override {
    const int64_t bytes = 4 * period_ * static_cast<int64_t>(sizeof(float));
    return {.forward_scratch = bytes, .backward_scratch = bytes};
  }
  KernelCost cost() const override {
    const double count = static_cast<double>(grain_ * type_.stored_count());
    return {.flops = 2 * count, .bytes = 8 * count};
  }

  void forward(const ForwardCall& call) const override {
    const float* mean = mean_.empty() ? call.weights[0] : mean_.data();
    const float* variance = mean_.empty() ? call.weights[1] : variance_.data();
    auto* shift = static_cast<float*>(call.scratch);
    float *scale = shift + period_, *offset = scale + period_;
    for (int64_t i = 0; i < period_; ++i) {
      const auto place = rules_.places[static_cast<size_t>(i) % rules_.places.size()];
      const float deviation = std::max(std::sqrt(variance[place]), kLeast);
      shift[i] = rules_.invert ? 0 : mean[place];
      scale[i] = rules_.invert ? deviation : 1 / deviation;
      offset[i] = rules_.invert ? mean[place] : 0;
    }
    apply(static_cast<const float*>(call.inputs[0]), static_cast<float*>(call.outputs[0]), shift, scale, offset);
  }
  void backward(const BackwardCall& call) const override {
    if (!call.input_gradients[0]) return;
    const float* variance = mean_.empty() ? call.weights[1] : variance_.data();
    auto* zero = static_cast<float*>(call.scratch);
    float* scale = zero + period_;
    for (int64_t i = 0; i < period_; ++i) {
      const float deviation =
          std::max(std::sqrt(variance[rules_.places[static_cast<size_t>(i) % rules_.places.size()]]), kLeast);
      zero[i] = 0;
      scale[i] = rules_.invert ? deviation : 1 / deviation;
    }
    apply(static_cast<const float*>(call.output_gradients[0]), static_cast<float*>(call.input_gradients[0]), zero,
          scale, zero);
    for (size_t w = 0; w < call.weight_gradients.size(); ++w)
      if (call.weight_gradients[w]) std::fill_n(call.weight_gradients[w], distinct(), 0.0f);
  }

 private:
  void apply(const float* x, float* y, const float* shift, const float* scale, const float* offset) const {
    channelwise().apply(x, y, grain_ * type_.stored_count(), shift, scale, offset, period_);
  }
  int64_t distinct() const { return 1 + *std::max_element(rules_.places.begin(), rules_.places.end()); }

  StandardizationRules rules_;
  std::vector<float> mean_, variance_;
  TensorType type_;
  int64_t grain_, period_ = 1;
};

}  // namespace

std::unique_ptr<Kernel> make_standardization_kernel(StandardizationRules rules, std::vector<float> mean,
                                                    std::vector<float> variance, const TensorType& type,
                                                    int64_t grain) {
  return std::make_unique<StandardizationKernel>(std::move(rules), std::move(mean), std::move(variance), type, grain);
}

}  // namespace batchwise
