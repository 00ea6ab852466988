// What kernels of batch normalisation share: passes over a grain with gamma, beta and the statistics of each channel.
#pragma once

#include <cstring>
#include <memory>
#include <optional>

#include "kernels/activation.h"
#include "kernels/batch_normalization.h"
#include "kernels/normalization_passes.h"

namespace batchwise {

// With statistics of the whole batch, of each `ghost` samples, and as moved along. limit: of a rectifier that the
// result goes through.
std::unique_ptr<Kernel> make_exact_normalization(const BatchNormalizationSettings& options, const TensorType& type,
                                                 int64_t grain, std::optional<float> limit);
std::unique_ptr<Kernel> make_ghost_normalization(const BatchNormalizationSettings& options, const TensorType& type,
                                                 int64_t grain, std::optional<float> limit);
std::unique_ptr<Kernel> make_moving_normalization(const BatchNormalizationSettings& options, const TensorType& type,
                                                  int64_t grain, std::optional<float> limit);

class BatchNormalizationKernel : public Kernel {
 public:
  BatchNormalizationKernel(const BatchNormalizationSettings& options, const TensorType& type, int64_t grain,
                           std::optional<float> limit)
      : options_(options),
        type_(type),
        grain_(grain),
        limit_(limit),
        layout_(type, options.axis < 0 ? type.shape.rank() + options.axis : options.axis),
        passes_(layout_, limit),
        channels_(layout_.channels()),
        per_sample_(static_cast<double>(layout_.values_per_channel())) {}

  std::string_view kind() const override { return limit_ ? "batch_normalization, relu" : "batch_normalization"; }
  std::vector<TensorType> outputs() const override { return {type_}; }
  KernelNeeds needs() const override { return {.in_place = true}; }
  KernelCost cost() const override { return {.flops = 5 * values(), .bytes = 12 * values()}; }
  bool backward_reads_weight(int index) const override {
    return (limit_ && options_.center && index == options_.scale) || (options_.scale && index == 0);
  }
  std::unique_ptr<Kernel> joined(const Kernel& next) const override {
    const std::optional<float> limit = limit_ ? std::nullopt : rectifier_limit(next);
    return limit ? with_limit(*limit) : nullptr;
  }

 protected:
  virtual std::unique_ptr<Kernel> with_limit(float limit) const = 0;

  int variance_index() const { return options_.scale + options_.center + 1; }
  double values() const { return static_cast<double>(grain_ * type_.stored_count()); }
  int64_t scratch_bytes() const { return passes_.scratch_bytes() + 2 * channels_ * 8; }
  double gamma(std::span<const float* const> weights, int64_t c) const { return options_.scale ? weights[0][c] : 1.0f; }
  double beta(std::span<const float* const> weights, int64_t c) const {
    return options_.center ? weights[options_.scale][c] : 0.0f;
  }
  // Behind everything else in the scratch memory: two for each channel.
  double* gradient_sums(const BackwardCall& call) const {
    return reinterpret_cast<double*>(static_cast<std::byte*>(call.scratch) + passes_.scratch_bytes());
  }

  template <class Mean, class Inverse>
  void apply(const float* x, float* y, int64_t rows, void* scratch, std::span<const float* const> weights, Mean mean,
             Inverse inverse, const Share& share = {}) const {
    passes_.apply(
        x, y, rows, scratch, mean, [&](int64_t c) { return gamma(weights, c) * inverse(c); },
        [&](int64_t c) { return beta(weights, c); }, share);
  }

  // Sums of dy and dy * (x - mean) of samples [start, start + rows) into sums[2 * channels].
  template <class Mean, class Inverse>
  void sum_gradients(const BackwardCall& call, int64_t start, int64_t rows, Mean mean, Inverse inverse,
                     double* sums) const {
    const int64_t from = start * type_.stored_count();
    passes_.sum_gradients(
        static_cast<const float*>(call.output_gradients[0]) + from, static_cast<const float*>(call.inputs[0]) + from,
        rows, call.scratch, mean, [&](int64_t c) { return gamma(call.weights, c) * inverse(c); },
        [&](int64_t c) { return beta(call.weights, c); }, sums);
  }
  void sum_gradients(const BackwardCall& call, int64_t start, int64_t rows, const double* mean, const double* inverse,
                     double* sums) const {
    sum_gradients(
        call, start, rows, [&](int64_t c) { return mean[c]; }, [&](int64_t c) { return inverse[c]; }, sums);
  }

  void clear_weight_gradients(const BackwardCall& call) const {
    for (float* gradient : call.weight_gradients)
      if (gradient) std::fill_n(gradient, channels_, 0.0f);
  }
  void add_weight_gradients(const BackwardCall& call, const double* sums, const double* inverse, double share) const {
    float* dgamma = options_.scale ? call.weight_gradients[0] : nullptr;
    float* dbeta = options_.center ? call.weight_gradients[options_.scale] : nullptr;
    for (int64_t c = 0; dgamma && c < channels_; ++c)
      dgamma[c] += static_cast<float>(sums[channels_ + c] * inverse[c] * share);
    for (int64_t c = 0; dbeta && c < channels_; ++c) dbeta[c] += static_cast<float>(sums[c] * share);
  }

  // dx = gamma * inverse * (dy - mean(dy) - xhat * mean(dy * xhat)) for samples [start, start + rows).
  void apply_gradient(const BackwardCall& call, int64_t start, int64_t rows, const double* mean, const double* inverse,
                      const double* sums, double count) const {
    if (!call.input_gradients[0]) return;
    const int64_t from = start * type_.stored_count();
    const auto scale = [&](int64_t c) { return gamma(call.weights, c) * inverse[c]; };
    passes_.apply_gradient(
        static_cast<const float*>(call.output_gradients[0]) + from, static_cast<const float*>(call.inputs[0]) + from,
        static_cast<float*>(call.input_gradients[0]) + from, rows, call.scratch, [&](int64_t c) { return mean[c]; },
        scale, [&](int64_t c) { return beta(call.weights, c); },
        [&](int64_t c) { return -scale(c) * inverse[c] * inverse[c] * sums[channels_ + c] / count; },
        [&](int64_t c) { return -scale(c) * sums[c] / count; });
  }

  void clear(const BackwardCall& call, int64_t start, int64_t rows) const {
    if (call.input_gradients[0] && rows > 0)
      std::memset(static_cast<float*>(call.input_gradients[0]) + start * type_.stored_count(), 0,
                  static_cast<size_t>(type_.bytes(rows)));
  }

  // Moving statistics follow those of the batch, mean and variance of each channel.
  void follow(const double* statistics, std::span<float* const> weights) const {
    const double m = options_.momentum;
    for (int64_t kind = 0; kind < 2; ++kind)
      if (float* moving = weights[static_cast<size_t>(variance_index() - 1 + kind)])
        for (int64_t c = 0; c < channels_; ++c)
          moving[c] = static_cast<float>(moving[c] * m + statistics[kind * channels_ + c] * (1 - m));
  }

  const BatchNormalizationSettings options_;
  const TensorType type_;
  const int64_t grain_;
  const std::optional<float> limit_;
  const ChannelLayout layout_;
  const NormalizationPasses passes_;
  const int64_t channels_;
  const double per_sample_;  // values of one channel in one sample
};

}  // namespace batchwise
