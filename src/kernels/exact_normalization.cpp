// Batch normalisation by statistics of the whole batch. Each grain measures mean and sum of squared deviations (M2), in
// double between tiles; grains are merged in their order.
#include <cmath>

#include "kernels/batch_normalization_kernel.h"

namespace batchwise {
namespace {

constexpr int64_t kShared =
    5;  // of each channel: mean, variance, inverse deviation, two sums of gradients; then a count

class ExactNormalization final : public BatchNormalizationKernel {
 public:
  using BatchNormalizationKernel::BatchNormalizationKernel;

  KernelMemory memory() const override {
    return {.forward_scratch = scratch_bytes(),
            .backward_scratch = scratch_bytes(),
            .shared = (kShared * channels_ + 1) * 8};
  }
  Statistics statistics() const override {
    return {.forward = 2 * channels_, .forward_first = true, .backward = options_.input_gradient ? 2 * channels_ : 0};
  }

  void measure_forward(const ForwardCall& call) const override {
    passes_.measure(static_cast<const float*>(call.inputs[0]), call.rows, call.scratch, call.statistics);
  }

  void combine_forward(std::span<const double> partials, std::span<const int64_t> rows, void* shared) const override {
    double* mean = static_cast<double*>(shared);
    double *variance = mean + channels_, *inverse = variance + channels_, count = 0;
    std::fill(mean, variance + channels_, 0.0);
    for (size_t g = 0; g < rows.size(); ++g) {
      const double* part = partials.data() + g * static_cast<size_t>(2 * channels_);
      const double some = static_cast<double>(rows[g]) * per_sample_, both = count + some;
      for (int64_t c = 0; c < channels_; ++c) {
        const double delta = part[c] - mean[c];
        mean[c] += delta * (some / both);
        variance[c] += part[channels_ + c] + delta * delta * (count * some / both);
      }
      count = both;
    }
    for (int64_t c = 0; c < channels_; ++c) {
      variance[c] /= count;
      inverse[c] = 1 / std::sqrt(variance[c] + options_.epsilon);
    }
    mean[kShared * channels_] = count;
  }

  void forward(const ForwardCall& call) const override {
    const double *mean = static_cast<const double*>(call.shared), *inverse = mean + 2 * channels_;
    apply(
        static_cast<const float*>(call.inputs[0]), static_cast<float*>(call.outputs[0]), grain_, call.scratch,
        call.weights, [&](int64_t c) { return mean[c]; }, [&](int64_t c) { return inverse[c]; });
  }

  void measure_backward(const BackwardCall& call) const override {
    const double* mean = static_cast<const double*>(call.shared);
    sum_gradients(call, 0, call.rows, mean, mean + 2 * channels_, call.statistics);
  }

  // shared: the sums of dy and of dy * (x - mean) over the batch.
  void combine_backward(std::span<const double> partials, std::span<const int64_t> rows, void* shared) const override {
    double* sums = static_cast<double*>(shared) + 3 * channels_;
    std::fill(sums, sums + 2 * channels_, 0.0);
    for (size_t g = 0; g < rows.size(); ++g)
      for (int64_t i = 0; i < 2 * channels_; ++i)
        sums[i] += partials[g * static_cast<size_t>(2 * channels_) + static_cast<size_t>(i)];
  }

  void backward(const BackwardCall& call) const override {
    clear_weight_gradients(call);
    const double* mean = static_cast<const double*>(call.shared);
    const double* inverse = mean + 2 * channels_;
    if (!options_.input_gradient) {
      double* sums = gradient_sums(call);
      sum_gradients(call, 0, call.rows, mean, inverse, sums);
      return add_weight_gradients(call, sums, inverse, 1);
    }
    // The batch's sums are known: each grain takes its share of them, which saves measuring it a second time.
    const double* sums = mean + 3 * channels_;
    const double count = mean[kShared * channels_];
    add_weight_gradients(call, sums, inverse, static_cast<double>(call.rows) * per_sample_ / count);
    apply_gradient(call, 0, call.rows, mean, inverse, sums, count);
    clear(call, call.rows, grain_ - call.rows);
  }

  void commit(const void* shared, std::span<float* const> weights) const override {
    follow(static_cast<const double*>(shared), weights);
  }

 private:
  std::unique_ptr<Kernel> with_limit(float limit) const override {
    return make_exact_normalization(options_, type_, grain_, limit);
  }
};

}  // namespace

std::unique_ptr<Kernel> make_exact_normalization(const BatchNormalizationSettings& options, const TensorType& type,
                                                 int64_t grain, std::optional<float> limit) {
  return std::make_unique<ExactNormalization>(options, type, grain, limit);
}

}  // namespace batchwise
