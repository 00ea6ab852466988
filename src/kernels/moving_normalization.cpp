// Batch normalisation by the moving statistics: inference, or a frozen layer whose gamma and beta may learn.
#include <cmath>

#include "kernels/batch_normalization_kernel.h"

namespace batchwise {
namespace {

// Of the moving deviation of a channel.
struct Inverse {
  const float* variance;
  double epsilon;
  double operator()(int64_t c) const { return 1 / std::sqrt(variance[c] + epsilon); }
};

class MovingNormalization final : public BatchNormalizationKernel {
 public:
  using BatchNormalizationKernel::BatchNormalizationKernel;

  KernelMemory memory() const override {
    return {.forward_scratch = scratch_bytes(), .backward_scratch = scratch_bytes()};
  }
  KernelNeeds needs() const override { return {.backward_inputs = reads_input(), .in_place = true}; }
  KernelCost cost() const override { return {.flops = 2 * values(), .bytes = 8 * values()}; }
  bool shares() const override { return layout_.one_panel(); }
  bool backward_reads_weight(int index) const override {
    return BatchNormalizationKernel::backward_reads_weight(index) || index == variance_index() ||
           (reads_input() && index == variance_index() - 1);
  }

  void forward(const ForwardCall& call) const override {
    const float* mean = moving_mean(call.weights);
    apply(
        static_cast<const float*>(call.inputs[0]), static_cast<float*>(call.outputs[0]), grain_, call.scratch,
        call.weights, [&](int64_t c) { return mean[c]; }, inverse(call.weights), call.share);
  }

  void backward(const BackwardCall& call) const override {
    clear_weight_gradients(call);
    const float* mean = moving_mean(call.weights);
    const auto zero = [](int64_t) { return 0.0; };
    const Inverse deviation = inverse(call.weights);
    const auto scale = [&](int64_t c) { return gamma(call.weights, c) * deviation(c); };
    const auto* x = static_cast<const float*>(call.inputs[0]);
    const auto* dy = static_cast<const float*>(call.output_gradients[0]);
    auto* dx = static_cast<float*>(call.input_gradients[0]);
    if (options_.learns) learn(call);
    if (dx && limit_)
      passes_.apply_gradient(
          dy, x, dx, grain_, call.scratch, [&](int64_t c) { return mean[c]; }, scale,
          [&](int64_t c) { return beta(call.weights, c); }, zero, zero);
    else if (dx) passes_.apply(dy, dx, grain_, call.scratch, zero, scale, zero);
  }

 private:
  std::unique_ptr<Kernel> with_limit(float limit) const override {
    return make_moving_normalization(options_, type_, grain_, limit);
  }
  bool reads_input() const { return (options_.learns && options_.scale) || limit_; }
  const float* moving_mean(std::span<const float* const> weights) const {
    return weights[static_cast<size_t>(variance_index() - 1)];
  }
  Inverse inverse(std::span<const float* const> weights) const {
    return {weights[static_cast<size_t>(variance_index())], options_.epsilon};
  }

  // Gamma and beta learn while the statistics stand still.
  void learn(const BackwardCall& call) const {
    float* dgamma = options_.scale ? call.weight_gradients[0] : nullptr;
    float* dbeta = options_.center ? call.weight_gradients[options_.scale] : nullptr;
    if (!dgamma && !dbeta) return;
    double* sums = gradient_sums(call);
    const Inverse deviation = inverse(call.weights);
    if (dgamma || limit_) {
      const float* mean = moving_mean(call.weights);
      sum_gradients(
          call, 0, call.rows, [&](int64_t c) { return mean[c]; }, deviation, sums);
    } else {  // the input is not there: the sum of dy alone is wanted
      const auto* dy = static_cast<const float*>(call.output_gradients[0]);
      const auto zero = [](int64_t) { return 0.0; };
      passes_.sum_gradients(dy, dy, call.rows, call.scratch, zero, zero, zero, sums);
    }
    for (int64_t c = 0; dgamma && c < channels_; ++c)
      dgamma[c] = static_cast<float>(sums[channels_ + c] * deviation(c));
    for (int64_t c = 0; dbeta && c < channels_; ++c) dbeta[c] = static_cast<float>(sums[c]);
  }
};

}  // namespace

std::unique_ptr<Kernel> make_moving_normalization(const BatchNormalizationSettings& options, const TensorType& type,
                                                  int64_t grain, std::optional<float> limit) {
  return std::make_unique<MovingNormalization>(options, type, grain, limit);
}

}  // namespace batchwise
