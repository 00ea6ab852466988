// Batch normalisation whose statistics are those of the steps that a mask lets count. All steps are normalised.
#include <algorithm>
#include <cmath>

#include "kernels/batch_normalization.h"

namespace batchwise {
namespace {

constexpr double kSmall = 1e-7;  // Keras adds it to the number of steps: none at all is no division by zero

class MaskedBatchNormalizationKernel final : public Kernel {
 public:
  MaskedBatchNormalizationKernel(const BatchNormalizationSettings& options, const TensorType& type,
                                 const TensorType& mask, int64_t grain)
      : options_(options),
        type_(type),
        grain_(grain),
        channels_(type.shape.back()),
        steps_(mask.shape.count()),
        inner_(type.shape.count() / channels_ / std::max<int64_t>(1, steps_)) {}

  std::string_view kind() const override { return "masked_batch_normalization"; }
  std::vector<TensorType> outputs() const override { return {type_}; }
  KernelMemory memory() const override {
    return {.forward_scratch = 2 * channels_ * 4,
            .backward_scratch = 2 * channels_ * 8,
            .shared = (kShared * channels_ + 1) * 8};
  }
  KernelCost cost() const override {
    const double count = static_cast<double>(grain_ * type_.shape.count());
    return {.flops = 5 * count, .bytes = 12 * count};
  }
  // Steps that count, then means, then sums of squared deviations.
  Statistics statistics() const override {
    return {
        .forward = 2 * channels_ + 1, .forward_first = true, .backward = options_.input_gradient ? 2 * channels_ : 0};
  }
  bool backward_reads_weight(int index) const override { return options_.scale && index == 0; }

  void measure_forward(const ForwardCall& call) const override {
    double &count = call.statistics[0], *mean = call.statistics + 1, *m2 = mean + channels_;
    count = 0;
    std::fill_n(mean, 2 * channels_, 0.0);
    each_step(call.inputs, call.rows, [&](const float* x, bool counts, int64_t) {
      if (!counts) return;
      ++count;
      for (int64_t c = 0; c < channels_; ++c) {
        const double delta = static_cast<double>(x[c]) - mean[c];
        mean[c] += delta / count;
        m2[c] += delta * (static_cast<double>(x[c]) - mean[c]);
      }
    });
  }

  void combine_forward(std::span<const double> partials, std::span<const int64_t> rows, void* shared) const override {
    double* mean = static_cast<double*>(shared);
    double *variance = mean + channels_, *inverse = variance + channels_, count = 0;
    std::fill(mean, inverse, 0.0);
    for (size_t g = 0; g < rows.size(); ++g) {
      const double* part = partials.data() + g * static_cast<size_t>(2 * channels_ + 1);
      const double some = part[0], both = count + some;
      if (some == 0) continue;
      for (int64_t c = 0; c < channels_; ++c) {
        const double delta = part[1 + c] - mean[c];
        mean[c] += delta * (some / both);
        variance[c] += part[1 + channels_ + c] + delta * delta * (count * some / both);
      }
      count = both;
    }
    for (int64_t c = 0; c < channels_; ++c) {
      mean[c] *= count / (count + kSmall);
      variance[c] /= count + kSmall;
      inverse[c] = 1 / std::sqrt(variance[c] + options_.epsilon);
    }
    mean[kShared * channels_] = count + kSmall;
  }

  void forward(const ForwardCall& call) const override {
    const double* mean = static_cast<const double*>(call.shared);
    const double* inverse = mean + 2 * channels_;
    float *scale = static_cast<float*>(call.scratch), *shift = scale + channels_;
    for (int64_t c = 0; c < channels_; ++c) {
      scale[c] = static_cast<float>(gamma(call.weights, c) * inverse[c]);
      shift[c] = static_cast<float>((options_.center ? call.weights[options_.scale][c] : 0.0f) -
                                    mean[c] * inverse[c] * gamma(call.weights, c));
    }
    float* y = static_cast<float*>(call.outputs[0]);
    each_step(call.inputs, grain_, [&](const float* x, bool, int64_t at) {
      for (int64_t c = 0; c < channels_; ++c) y[at + c] = x[c] * scale[c] + shift[c];
    });
  }

  void measure_backward(const BackwardCall& call) const override { sum_gradients(call, call.statistics); }

  // shared: the sums of dy and of dy * (x - mean) over the batch: every step, for all are normalised.
  void combine_backward(std::span<const double> partials, std::span<const int64_t> rows, void* shared) const override {
    double* sums = static_cast<double*>(shared) + 3 * channels_;
    std::fill(sums, sums + 2 * channels_, 0.0);
    for (size_t g = 0; g < rows.size(); ++g)
      for (int64_t i = 0; i < 2 * channels_; ++i)
        sums[i] += partials[g * static_cast<size_t>(2 * channels_) + static_cast<size_t>(i)];
  }

  void backward(const BackwardCall& call) const override {
    const double* mean = static_cast<const double*>(call.shared);
    const double *inverse = mean + 2 * channels_, *sums = mean + 3 * channels_, count = mean[kShared * channels_];
    for (size_t w = 0; w < call.weight_gradients.size(); ++w)
      if (call.weight_gradients[w]) std::fill_n(call.weight_gradients[w], channels_, 0.0f);
    double* own = static_cast<double*>(call.scratch);
    sum_gradients(call, own);
    float* dgamma = options_.scale ? call.weight_gradients[0] : nullptr;
    float* dbeta = options_.center ? call.weight_gradients[options_.scale] : nullptr;
    for (int64_t c = 0; c < channels_; ++c) {
      if (dgamma) dgamma[c] = static_cast<float>(own[channels_ + c] * inverse[c]);
      if (dbeta) dbeta[c] = static_cast<float>(own[c]);
    }
    float* dx = static_cast<float*>(call.input_gradients[0]);
    if (!dx) return;
    const float* dy = static_cast<const float*>(call.output_gradients[0]);
    each_step(call.inputs, call.rows, [&](const float* x, bool counts, int64_t at) {
      for (int64_t c = 0; c < channels_; ++c) {
        double slope = dy[at + c];
        if (counts)
          slope -=
              (sums[c] + (static_cast<double>(x[c]) - mean[c]) * inverse[c] * inverse[c] * sums[channels_ + c]) / count;
        dx[at + c] = static_cast<float>(gamma(call.weights, c) * inverse[c] * slope);
      }
    });
    const int64_t done = call.rows * type_.shape.count();
    std::fill_n(dx + done, grain_ * type_.shape.count() - done, 0.0f);
  }

  void commit(const void* shared, std::span<float* const> weights) const override {
    const double* statistics = static_cast<const double*>(shared);
    const size_t first = static_cast<size_t>(options_.scale) + static_cast<size_t>(options_.center);
    for (size_t kind = 0; kind < 2; ++kind)
      if (float* moving = weights[first + kind])
        for (int64_t c = 0; c < channels_; ++c)
          moving[c] =
              static_cast<float>(moving[c] * options_.momentum +
                                 statistics[static_cast<int64_t>(kind) * channels_ + c] * (1 - options_.momentum));
  }

 private:
  static constexpr int64_t kShared = 5;  // means, variances, 1 / deviations, two sums of gradients; then the count

  double gamma(std::span<const float* const> weights, int64_t c) const { return options_.scale ? weights[0][c] : 1.0f; }

  // body(the channels of a step, whether it counts, the first element's place)
  template <class Body>
  void each_step(std::span<const void* const> inputs, int64_t rows, const Body& body) const {
    const float* x = static_cast<const float*>(inputs[0]);
    const auto* mask = static_cast<const uint8_t*>(inputs[1]);
    for (int64_t step = 0; step < rows * steps_ * inner_; ++step)
      body(x + step * channels_, mask[step / inner_] != 0, step * channels_);
  }

  void sum_gradients(const BackwardCall& call, double* sums) const {
    const double* mean = static_cast<const double*>(call.shared);
    const float* dy = static_cast<const float*>(call.output_gradients[0]);
    std::fill_n(sums, 2 * channels_, 0.0);
    each_step(call.inputs, call.rows, [&](const float* x, bool, int64_t at) {
      for (int64_t c = 0; c < channels_; ++c) {
        sums[c] += dy[at + c];
        sums[channels_ + c] += static_cast<double>(dy[at + c]) * (static_cast<double>(x[c]) - mean[c]);
      }
    });
  }

  BatchNormalizationSettings options_;
  TensorType type_;
  int64_t grain_, channels_, steps_, inner_;  // steps of a sample's mask, positions of each
};

}  // namespace

std::unique_ptr<Kernel> make_masked_batch_normalization_kernel(const BatchNormalizationSettings& options,
                                                               const TensorType& type, const TensorType& mask,
                                                               int64_t grain) {
  return std::make_unique<MaskedBatchNormalizationKernel>(options, type, mask, grain);
}

}  // namespace batchwise
