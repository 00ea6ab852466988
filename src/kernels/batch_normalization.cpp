// Batch normalisation. Each grain measures mean and sum of squared deviations (M2), in double between tiles; grains are
// merged in their order.
#include "kernels/batch_normalization.h"

#include <cmath>
#include <cstring>

#include "kernels/activation.h"
#include "kernels/normalization_passes.h"

namespace batchwise {
namespace {

class BatchNormalizationKernel final : public Kernel {
 public:
  // limit: of a rectifier that the result goes through.
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
  KernelMemory memory() const override {
    const int64_t groups = options_.ghost ? grain_ / options_.ghost : 0;
    const int64_t scratch = passes_.scratch_bytes() + 2 * channels_ * 8;
    return {.saved = options_.moving ? 0 : groups * kPerGroup * channels_ * 8,
            .forward_scratch = scratch,
            .backward_scratch = scratch,
            .shared = options_.moving ? 0
                      : exact()       ? (kShared * channels_ + 1) * 8
                                      : 2 * channels_ * 8};
  }
  KernelNeeds needs() const override {
    return {.backward_inputs = !options_.moving || learns_scale() || limit_, .in_place = true};
  }
  KernelCost cost() const override {
    const double count = static_cast<double>(grain_ * type_.stored_count());
    return {.flops = (options_.moving ? 2 : 5) * count, .bytes = (options_.moving ? 8 : 12) * count};
  }
  std::unique_ptr<Kernel> joined(const Kernel& next) const override {
    const std::optional<float> limit = limit_ ? std::nullopt : rectifier_limit(next);
    return limit ? std::make_unique<BatchNormalizationKernel>(options_, type_, grain_, limit) : nullptr;
  }
  bool shares() const override { return options_.moving && layout_.one_panel(); }
  Statistics statistics() const override {
    if (options_.moving) return {};
    return {.forward = 2 * channels_,
            .forward_first = exact(),
            .backward = exact() && options_.input_gradient ? 2 * channels_ : 0};
  }
  bool backward_reads_weight(int index) const override {
    if (limit_ && options_.center && index == options_.scale) return true;
    return (options_.scale && index == 0) || (options_.moving && index == variance_index()) ||
           (options_.moving && (learns_scale() || limit_) && index == variance_index() - 1);
  }

  void measure_forward(const ForwardCall& call) const override {
    passes_.measure(static_cast<const float*>(call.inputs[0]), call.rows, call.scratch, call.statistics);
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
    if (options_.moving) {
      const float *mean = call.weights[variance_index() - 1], *variance = call.weights[variance_index()];
      return apply(
          x, y, grain_, call.scratch, call.weights, [&](int64_t c) { return mean[c]; },
          [&](int64_t c) { return 1 / std::sqrt(variance[c] + options_.epsilon); }, call.share);
    }
    if (exact()) {
      const double* mean = static_cast<const double*>(call.shared);
      return apply(
          x, y, grain_, call.scratch, call.weights, [&](int64_t c) { return mean[c]; },
          [&](int64_t c) { return mean[2 * channels_ + c]; });
    }
    forward_ghost(call);
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
      sum_gradients(call, start, some, mean, inverse, sums);
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

  template <class Mean, class Inverse>
  void apply(const float* x, float* y, int64_t rows, void* scratch, std::span<const float* const> weights, Mean mean,
             Inverse inverse, const Share& share = {}) const {
    passes_.apply(
        x, y, rows, scratch, mean, [&](int64_t c) { return gamma(weights, c) * inverse(c); },
        [&](int64_t c) { return beta(weights, c); }, share);
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
  template <class Mean, class Inverse>
  void sum_gradients(const BackwardCall& call, int64_t start, int64_t rows, Mean mean, Inverse inverse,
                     double* sums) const {
    const int64_t from = start * type_.stored_count();
    passes_.sum_gradients(
        static_cast<const float*>(call.output_gradients[0]) + from, static_cast<const float*>(call.inputs[0]) + from,
        rows, call.scratch, mean, [&](int64_t c) { return gamma(call.weights, c) * inverse(c); },
        [&](int64_t c) { return beta(call.weights, c); }, sums);
  }

  // The same with statistics per channel.
  void sum_gradients(const BackwardCall& call, int64_t start, int64_t rows, const double* mean, const double* inverse,
                     double* sums) const {
    sum_gradients(
        call, start, rows, [&](int64_t c) { return mean[c]; }, [&](int64_t c) { return inverse[c]; }, sums);
  }

  // Behind everything else in the scratch memory.
  double* gradient_sums(const BackwardCall& call) const {
    return reinterpret_cast<double*>(static_cast<std::byte*>(call.scratch) + passes_.scratch_bytes());
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

  void backward_moving(const BackwardCall& call) const {
    const float *mean = call.weights[variance_index() - 1], *variance = call.weights[variance_index()];
    const auto zero = [](int64_t) { return 0.0; };
    const auto inverse = [&](int64_t c) { return 1 / std::sqrt(variance[c] + options_.epsilon); };
    const auto scale = [&](int64_t c) { return gamma(call.weights, c) * inverse(c); };
    const auto* x = static_cast<const float*>(call.inputs[0]);
    const auto* dy = static_cast<const float*>(call.output_gradients[0]);
    auto* dx = static_cast<float*>(call.input_gradients[0]);
    if (options_.learns) learn_moving(call, inverse);
    if (dx && limit_)
      passes_.apply_gradient(
          dy, x, dx, grain_, call.scratch, [&](int64_t c) { return mean[c]; }, scale,
          [&](int64_t c) { return beta(call.weights, c); }, zero, zero);
    else if (dx) passes_.apply(dy, dx, grain_, call.scratch, zero, scale, zero);
  }

  // Gamma and beta learn while the statistics stand still.
  template <class Inverse>
  void learn_moving(const BackwardCall& call, Inverse inverse) const {
    float* dgamma = options_.scale ? call.weight_gradients[0] : nullptr;
    float* dbeta = options_.center ? call.weight_gradients[options_.scale] : nullptr;
    if (!dgamma && !dbeta) return;
    double* sums = gradient_sums(call);
    const auto* dy = static_cast<const float*>(call.output_gradients[0]);
    const auto zero = [](int64_t) { return 0.0; };
    if (dgamma || limit_) {
      const float* mean = call.weights[variance_index() - 1];
      sum_gradients(
          call, 0, call.rows, [&](int64_t c) { return mean[c]; }, inverse, sums);
    } else {  // the input is not there: the sum of dy alone is wanted
      passes_.sum_gradients(dy, dy, call.rows, call.scratch, zero, zero, zero, sums);
    }
    for (int64_t c = 0; dgamma && c < channels_; ++c) dgamma[c] = static_cast<float>(sums[channels_ + c] * inverse(c));
    for (int64_t c = 0; dbeta && c < channels_; ++c) dbeta[c] = static_cast<float>(sums[c]);
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

  BatchNormalizationSettings options_;
  TensorType type_;
  int64_t grain_;
  std::optional<float> limit_;
  ChannelLayout layout_;
  NormalizationPasses passes_;
  int64_t channels_;
  double per_sample_;  // values of one channel in one sample
};

}  // namespace

std::unique_ptr<Kernel> make_batch_normalization_kernel(const BatchNormalizationSettings& options,
                                                        const TensorType& type, int64_t grain) {
  return std::make_unique<BatchNormalizationKernel>(options, type, grain, std::nullopt);
}

}  // namespace batchwise
