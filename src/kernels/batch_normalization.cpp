// Batch normalisation. Each grain measures mean and sum of squared deviations (M2) around a value of its own, in double
// between tiles, so that a large mean costs no digits; grains are merged in their order.
#include "kernels/batch_normalization.h"

#include <cmath>
#include <cstring>

#include "kernels/channel_layout.h"

namespace batchwise {
namespace {

class BatchNormalizationKernel final : public Kernel {
 public:
  BatchNormalizationKernel(const BatchNormalizationSettings& options, const TensorType& type, int64_t grain)
      : options_(options),
        type_(type),
        grain_(grain),
        layout_(type, options.axis < 0 ? type.shape.rank() + options.axis : options.axis),
        channels_(layout_.channels()),
        per_sample_(static_cast<double>(layout_.values_per_channel())) {}

  std::string_view kind() const override { return "batch_normalization"; }
  std::vector<TensorType> outputs() const override { return {type_}; }
  KernelMemory memory() const override {
    const int64_t coefficient = layout_.coefficients() * 4, wide = layout_.coefficients() * 8,
                  groups = options_.ghost ? grain_ / options_.ghost : 0;
    const int64_t scratch = 5 * coefficient + 2 * wide + 2 * channels_ * 8;
    return {.saved = options_.moving ? 0 : groups * kPerGroup * channels_ * 8,
            .forward_scratch = scratch,
            .backward_scratch = scratch,
            .shared = options_.moving ? 0
                      : exact()       ? (kShared * channels_ + 1) * 8
                                      : 2 * channels_ * 8};
  }
  KernelNeeds needs() const override {
    return {.backward_inputs = !options_.moving || learns_scale(), .in_place = true};
  }
  KernelCost cost() const override {
    const double count = static_cast<double>(grain_ * type_.stored_count());
    return {.flops = (options_.moving ? 2 : 5) * count, .bytes = (options_.moving ? 8 : 12) * count};
  }
  bool shares() const override { return options_.moving && layout_.one_panel(); }
  Statistics statistics() const override {
    if (options_.moving) return {};
    return {.forward = 2 * channels_,
            .forward_first = exact(),
            .backward = exact() && options_.input_gradient ? 2 * channels_ : 0};
  }
  bool backward_reads_weight(int index) const override {
    return (options_.scale && index == 0) || (options_.moving && index == variance_index()) ||
           (options_.moving && learns_scale() && index == variance_index() - 1);
  }

  void measure_forward(const ForwardCall& call) const override {
    measure(static_cast<const float*>(call.inputs[0]), call.rows, static_cast<float*>(call.scratch), call.statistics);
  }

  void combine_forward(std::span<const double> partials, std::span<const int64_t> rows, void* shared) const override {
    if (!exact()) return combine_ghost(partials, rows, shared);
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
    const float* x = static_cast<const float*>(call.inputs[0]);
    float* y = static_cast<float*>(call.outputs[0]);
    float* centre = static_cast<float*>(call.scratch);
    if (options_.moving) {
      const float *mean = call.weights[variance_index() - 1], *variance = call.weights[variance_index()];
      return apply(
          x, y, grain_, centre, call.weights, [&](int64_t c) { return mean[c]; },
          [&](int64_t c) { return 1 / std::sqrt(variance[c] + options_.epsilon); }, call.share);
    }
    if (exact()) {
      const double* mean = static_cast<const double*>(call.shared);
      return apply(
          x, y, grain_, centre, call.weights, [&](int64_t c) { return mean[c]; },
          [&](int64_t c) { return mean[2 * channels_ + c]; });
    }
    forward_ghost(call);
  }

  void measure_backward(const BackwardCall& call) const override {
    const double* mean = static_cast<const double*>(call.shared);
    sum_gradients(
        call, 0, call.rows, [&](int64_t c) { return mean[c]; }, call.statistics);
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
    for (size_t w = 0; w < call.weight_gradients.size(); ++w)
      if (call.weight_gradients[w]) std::fill_n(call.weight_gradients[w], channels_, 0.0f);
    if (options_.moving) return backward_moving(call);
    if (exact()) return backward_exact(call);
    const auto* saved = static_cast<const double*>(call.saved);
    for (int64_t start = 0, group = 0; start < grain_; start += options_.ghost, ++group) {
      const double* mean = saved + group * kPerGroup * channels_;
      const double* inverse = mean + 2 * channels_;
      const int64_t some = std::min(options_.ghost, call.rows - start);
      if (some <= 0) {
        clear(call, start, options_.ghost);
        continue;
      }
      double* sums = gradient_sums(call);
      sum_gradients(
          call, start, some, [&](int64_t c) { return mean[c]; }, sums);
      add_weight_gradients(call, sums, inverse, 1);
      apply_gradient(call, start, some, mean, inverse, sums, static_cast<double>(some) * per_sample_);
      clear(call, start + some, options_.ghost - some);
    }
  }

  void commit(const void* shared, std::span<float* const> weights) const override {
    if (options_.moving) return;
    const double* statistics = static_cast<const double*>(shared);
    const double m = options_.momentum;
    for (int64_t kind = 0; kind < 2; ++kind)
      if (float* moving = weights[variance_index() - 1 + kind])
        for (int64_t c = 0; c < channels_; ++c)
          moving[c] = static_cast<float>(moving[c] * m + statistics[kind * channels_ + c] * (1 - m));
  }

 private:
  static constexpr int64_t kShared = 5;    // mean, variance, inverse deviation, two sums of gradients
  static constexpr int64_t kPerGroup = 3;  // mean, variance, inverse deviation

  bool exact() const { return options_.ghost == 0; }
  bool learns_scale() const { return options_.learns && options_.scale; }
  int variance_index() const { return options_.scale + options_.center + 1; }
  double gamma(std::span<const float* const> weights, int64_t c) const { return options_.scale ? weights[0][c] : 1.0f; }
  double beta(std::span<const float* const> weights, int64_t c) const {
    return options_.center ? weights[options_.scale][c] : 0.0f;
  }

  // Mean and M2 of `rows` samples into statistics[2 * channels].
  void measure(const float* x, int64_t rows, float* scratch, double* statistics) const {
    float* centre = scratch;
    double* sums = reinterpret_cast<double*>(scratch + layout_.coefficients());
    double* squares = sums + layout_.coefficients();
    layout_.spread(centre, [&](int64_t c) { return x[layout_.first_of(c)]; });
    std::fill(sums, squares + layout_.coefficients(), 0.0);
    layout_.runs(rows, [&](int64_t at, int64_t count, int64_t k) {
      channelwise().measure(x + at, count, centre + k, sums + k, squares + k, period());
    });
    double *mean = statistics, *m2 = statistics + channels_;
    std::fill(mean, m2 + channels_, 0.0);
    layout_.gather(sums, mean);
    layout_.gather(squares, m2);
    const double count = static_cast<double>(rows) * per_sample_;
    for (int64_t c = 0; c < channels_; ++c) {
      m2[c] = std::max(0.0, m2[c] - mean[c] * mean[c] / count);
      mean[c] = x[layout_.first_of(c)] + mean[c] / count;
    }
  }

  template <class Mean, class Inverse>
  void apply(const float* x, float* y, int64_t rows, float* scratch, std::span<const float* const> weights, Mean mean,
             Inverse inverse, const Share& share = {}) const {
    float *centre = scratch, *scale = centre + layout_.coefficients(), *shift = scale + layout_.coefficients();
    layout_.spread(centre, mean);
    layout_.spread(scale, [&](int64_t c) { return gamma(weights, c) * inverse(c); });
    layout_.spread(shift, [&](int64_t c) { return beta(weights, c); });
    layout_.runs(rows, share, [&](int64_t at, int64_t count, int64_t k) {
      channelwise().apply(x + at, y + at, count, centre + k, scale + k, shift + k, period());
    });
  }

  void forward_ghost(const ForwardCall& call) const {
    const float* x = static_cast<const float*>(call.inputs[0]);
    float* y = static_cast<float*>(call.outputs[0]);
    double* saved = static_cast<double*>(call.saved);
    std::fill_n(call.statistics, 2 * channels_, 0.0);
    for (int64_t start = 0; start < grain_; start += options_.ghost, saved += kPerGroup * channels_) {
      double *mean = saved, *variance = mean + channels_, *inverse = variance + channels_;
      const int64_t some = std::min(options_.ghost, call.rows - start), at = start * type_.stored_count();
      if (some > 0) {
        const double count = static_cast<double>(some) * per_sample_;
        measure(x + at, some, static_cast<float*>(call.scratch), mean);
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
          x + at, y + at, options_.ghost, static_cast<float*>(call.scratch), call.weights,
          [&](int64_t c) { return mean[c]; }, [&](int64_t c) { return inverse[c]; });
    }
  }

  // Moving statistics follow the means over groups, weighted by their samples.
  void combine_ghost(std::span<const double> partials, std::span<const int64_t> rows, void* shared) const {
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

  // Sums of dy and dy * (x - mean) of samples [start, start + rows) into sums[2 * channels].
  template <class Mean>
  void sum_gradients(const BackwardCall& call, int64_t start, int64_t rows, Mean mean, double* sums) const {
    float* centre = static_cast<float*>(call.scratch);
    double* first = reinterpret_cast<double*>(centre + layout_.coefficients());
    double* second = first + layout_.coefficients();
    const int64_t from = start * type_.stored_count();
    const float* x = static_cast<const float*>(call.inputs[0]) + from;
    const float* dy = static_cast<const float*>(call.output_gradients[0]) + from;
    layout_.spread(centre, mean);
    std::fill(first, second + layout_.coefficients(), 0.0);
    layout_.runs(rows, [&](int64_t at, int64_t count, int64_t k) {
      channelwise().measure_gradient(dy + at, x + at, count, centre + k, first + k, second + k, period());
    });
    std::fill_n(sums, 2 * channels_, 0.0);
    layout_.gather(first, sums);
    layout_.gather(second, sums + channels_);
  }

  // Behind everything else in the scratch memory.
  double* gradient_sums(const BackwardCall& call) const {
    return reinterpret_cast<double*>(static_cast<float*>(call.scratch) + 5 * layout_.coefficients()) +
           2 * layout_.coefficients();
  }

  void add_weight_gradients(const BackwardCall& call, const double* sums, const double* inverse, double share) const {
    float* dgamma = options_.scale ? call.weight_gradients[0] : nullptr;
    float* dbeta = options_.center ? call.weight_gradients[options_.scale] : nullptr;
    for (int64_t c = 0; dgamma && c < channels_; ++c)
      dgamma[c] += static_cast<float>(sums[channels_ + c] * inverse[c] * share);
    for (int64_t c = 0; dbeta && c < channels_; ++c) dbeta[c] += static_cast<float>(sums[c] * share);
  }

  void backward_exact(const BackwardCall& call) const {
    const double* mean = static_cast<const double*>(call.shared);
    const double* inverse = mean + 2 * channels_;
    if (!options_.input_gradient) {
      double* sums = gradient_sums(call);
      sum_gradients(
          call, 0, call.rows, [&](int64_t c) { return mean[c]; }, sums);
      return add_weight_gradients(call, sums, inverse, 1);
    }
    // The batch's sums are known: each grain takes its share of them, which saves measuring it a second time.
    const double* sums = mean + 3 * channels_;
    const double count = mean[kShared * channels_];
    add_weight_gradients(call, sums, inverse, static_cast<double>(call.rows) * per_sample_ / count);
    apply_gradient(call, 0, call.rows, mean, inverse, sums, count);
    clear(call, call.rows, grain_ - call.rows);
  }

  void backward_moving(const BackwardCall& call) const {
    const float* variance = call.weights[variance_index()];
    const float* dy = static_cast<const float*>(call.output_gradients[0]);
    if (options_.learns) learn_moving(call);
    if (!call.input_gradients[0]) return;
    float *dx = static_cast<float*>(call.input_gradients[0]), *zero = static_cast<float*>(call.scratch);
    float* scale = zero + layout_.coefficients();
    std::fill_n(zero, layout_.coefficients(), 0.0f);
    layout_.spread(scale,
                   [&](int64_t c) { return gamma(call.weights, c) / std::sqrt(variance[c] + options_.epsilon); });
    layout_.runs(grain_, [&](int64_t at, int64_t count, int64_t k) {
      channelwise().apply(dy + at, dx + at, count, zero + k, scale + k, zero + k, period());
    });
  }

  // Gamma and beta learn while the statistics stand still.
  void learn_moving(const BackwardCall& call) const {
    float* dgamma = options_.scale ? call.weight_gradients[0] : nullptr;
    float* dbeta = options_.center ? call.weight_gradients[options_.scale] : nullptr;
    double* sums = gradient_sums(call);
    if (dgamma) {
      const float *mean = call.weights[variance_index() - 1], *variance = call.weights[variance_index()];
      sum_gradients(
          call, 0, call.rows, [&](int64_t c) { return mean[c]; }, sums);
      for (int64_t c = 0; c < channels_; ++c)
        dgamma[c] = static_cast<float>(sums[channels_ + c] / std::sqrt(variance[c] + options_.epsilon));
    } else if (dbeta) {
      float* zero = static_cast<float*>(call.scratch);
      auto* first = reinterpret_cast<double*>(zero + layout_.coefficients());
      double* second = first + layout_.coefficients();
      const float* dy = static_cast<const float*>(call.output_gradients[0]);
      std::fill_n(zero, layout_.coefficients(), 0.0f);
      std::fill(first, second + layout_.coefficients(), 0.0);
      layout_.runs(call.rows, [&](int64_t at, int64_t count, int64_t k) {
        channelwise().measure(dy + at, count, zero + k, first + k, second + k, period());
      });
      std::fill_n(sums, channels_, 0.0);
      layout_.gather(first, sums);
    }
    for (int64_t c = 0; dbeta && c < channels_; ++c) dbeta[c] = static_cast<float>(sums[c]);
  }

  // dx = gamma * inverse * (dy - mean(dy) - xhat * mean(dy * xhat)) for samples [start, start + rows).
  void apply_gradient(const BackwardCall& call, int64_t start, int64_t rows, const double* mean, const double* inverse,
                      const double* sums, double count) const {
    if (!call.input_gradients[0]) return;
    float* centre = static_cast<float*>(call.scratch);
    float *a = centre + layout_.coefficients(), *b = a + layout_.coefficients(), *d = b + layout_.coefficients();
    layout_.spread(centre, [&](int64_t c) { return mean[c]; });
    layout_.spread(a, [&](int64_t c) { return gamma(call.weights, c) * inverse[c]; });
    layout_.spread(b, [&](int64_t c) {
      return -gamma(call.weights, c) * inverse[c] * inverse[c] * inverse[c] * sums[channels_ + c] / count;
    });
    layout_.spread(d, [&](int64_t c) { return -gamma(call.weights, c) * inverse[c] * sums[c] / count; });
    const int64_t from = start * type_.stored_count();
    const float* x = static_cast<const float*>(call.inputs[0]) + from;
    const float* dy = static_cast<const float*>(call.output_gradients[0]) + from;
    float* dx = static_cast<float*>(call.input_gradients[0]) + from;
    layout_.runs(rows, [&](int64_t at, int64_t some, int64_t k) {
      channelwise().apply_gradient(dy + at, x + at, dx + at, some, centre + k, a + k, b + k, d + k, period());
    });
  }

  void clear(const BackwardCall& call, int64_t start, int64_t rows) const {
    if (call.input_gradients[0] && rows > 0)
      std::memset(static_cast<float*>(call.input_gradients[0]) + start * type_.stored_count(), 0,
                  static_cast<size_t>(type_.bytes(rows)));
  }

  int64_t period() const { return layout_.period(); }

  BatchNormalizationSettings options_;
  TensorType type_;
  int64_t grain_;
  ChannelLayout layout_;
  int64_t channels_;
  double per_sample_;  // values of one channel in one sample
};

}  // namespace

std::unique_ptr<Kernel> make_batch_normalization_kernel(const BatchNormalizationSettings& options,
                                                        const TensorType& type, int64_t grain) {
  return std::make_unique<BatchNormalizationKernel>(options, type, grain);
}

}  // namespace batchwise
