// Batch normalisation by statistics of each few consecutive samples, which lie within a grain.
#include <cmath>
#include <stdexcept>

#include "kernels/batch_normalization_kernel.h"

namespace batchwise {
namespace {

constexpr int64_t kPerGroup = 3;  // of each channel: mean, variance, inverse deviation

class GhostNormalization final : public BatchNormalizationKernel {
 public:
  using BatchNormalizationKernel::BatchNormalizationKernel;

  KernelMemory memory() const override {
    return {.saved = grain_ / options_.ghost * kPerGroup * channels_ * 8,
            .forward_scratch = scratch_bytes(),
            .backward_scratch = scratch_bytes(),
            .shared = 2 * channels_ * 8};
  }
  Statistics statistics() const override { return {.forward = 2 * channels_, .forward_first = false, .backward = 0}; }

  void forward(const ForwardCall& call) const override {
    const float* x = static_cast<const float*>(call.inputs[0]);
    float* y = static_cast<float*>(call.outputs[0]);
    double* saved = static_cast<double*>(call.saved);
    std::fill_n(call.statistics, 2 * channels_, 0.0);
    for (int64_t start = 0; start < grain_; start += options_.ghost, saved += kPerGroup * channels_) {
      double *mean = saved, *variance = mean + channels_, *inverse = variance + channels_;
      const int64_t some = std::min(options_.ghost, call.rows - start), at = start * type_.stored_count();
      if (some > 0) {
        const double count = static_cast<double>(some) * per_sample_;
        passes_.measure(x + at, some, call.scratch, mean);
        for (int64_t c = 0; c < channels_; ++c) {
          variance[c] /= count;
          inverse[c] = 1 / std::sqrt(variance[c] + options_.epsilon);
          call.statistics[c] += mean[c] * static_cast<double>(some);
          call.statistics[channels_ + c] += variance[c] * static_cast<double>(some);
        }
      } else {  // no valid sample: what the last group of valid ones had, so that the rows stay finite
        std::copy_n(saved - kPerGroup * channels_, kPerGroup * channels_, saved);
      }
      apply(
          x + at, y + at, options_.ghost, call.scratch, call.weights, [&](int64_t c) { return mean[c]; },
          [&](int64_t c) { return inverse[c]; });
    }
  }

  // The means over groups, weighted by their samples: what moving statistics follow.
  void combine_forward(std::span<const double> partials, std::span<const int64_t> rows, void* shared) const override {
    double* mean = static_cast<double*>(shared);
    double samples = 0;
    std::fill_n(mean, 2 * channels_, 0.0);
    for (size_t g = 0; g < rows.size(); ++g) {
      for (int64_t i = 0; i < 2 * channels_; ++i)
        mean[i] += partials[g * static_cast<size_t>(2 * channels_) + static_cast<size_t>(i)];
      samples += static_cast<double>(rows[g]);
    }
    for (int64_t i = 0; i < 2 * channels_; ++i) mean[i] /= samples;
  }

  void backward(const BackwardCall& call) const override {
    clear_weight_gradients(call);
    const auto* saved = static_cast<const double*>(call.saved);
    for (int64_t start = 0; start < grain_; start += options_.ghost, saved += kPerGroup * channels_) {
      const double *mean = saved, *inverse = mean + 2 * channels_;
      const int64_t some = std::min(options_.ghost, call.rows - start);
      if (some <= 0) {
        clear(call, start, options_.ghost);
        continue;
      }
      double* sums = gradient_sums(call);
      sum_gradients(call, start, some, mean, inverse, sums);
      add_weight_gradients(call, sums, inverse, 1);
      apply_gradient(call, start, some, mean, inverse, sums, static_cast<double>(some) * per_sample_);
      clear(call, start + some, options_.ghost - some);
    }
  }

  void commit(const void* shared, std::span<float* const> weights) const override {
    follow(static_cast<const double*>(shared), weights);
  }

 private:
  std::unique_ptr<Kernel> with_limit(float limit) const override {
    return make_ghost_normalization(options_, type_, grain_, limit);
  }
};

}  // namespace

std::unique_ptr<Kernel> make_ghost_normalization(const BatchNormalizationSettings& options, const TensorType& type,
                                                 int64_t grain, std::optional<float> limit) {
  if (grain % options.ghost != 0) throw std::logic_error("a grain must hold whole groups of samples");
  return std::make_unique<GhostNormalization>(options, type, grain, limit);
}

}  // namespace batchwise
