// What batch normalisation does with elements: it measures them, applies y = (x - mean) * scale + shift, and the same
// for gradients. Where y is cut behind it, y = min(max(y, 0), limit), that happens in the same passes.
#pragma once

#include <algorithm>
#include <optional>

#include "kernels/channel_layout.h"

namespace batchwise {

// Coefficients are functions of the channel, mean(c); `scratch` is of scratch_bytes(). Rows are whole samples.
class NormalizationPasses {
 public:
  NormalizationPasses(const ChannelLayout& layout, std::optional<float> limit) : layout_(layout), limit_(limit) {}

  int64_t scratch_bytes() const { return layout_.coefficients() * (kFloats * 4 + 2 * 8); }

  // Mean and M2 of `rows` samples into statistics[2 * channels], around a value of their own, so that a large mean
  // costs no digits.
  void measure(const float* x, int64_t rows, void* scratch, double* statistics) const {
    float* centre = floats(scratch, 0);
    double *sums = doubles(scratch), *squares = sums + layout_.coefficients();
    layout_.spread(centre, [&](int64_t c) { return x[layout_.first_of(c)]; });
    std::fill(sums, squares + layout_.coefficients(), 0.0);
    layout_.runs(rows, [&](int64_t at, int64_t count, int64_t k) {
      channelwise().measure(x + at, count, centre + k, sums + k, squares + k, layout_.period());
    });
    const int64_t channels = layout_.channels();
    double *mean = statistics, *m2 = statistics + channels;
    std::fill(mean, m2 + channels, 0.0);
    layout_.gather(sums, mean);
    layout_.gather(squares, m2);
    const double count = static_cast<double>(rows * layout_.values_per_channel());
    for (int64_t c = 0; c < channels; ++c) {
      m2[c] = std::max(0.0, m2[c] - mean[c] * mean[c] / count);
      mean[c] = x[layout_.first_of(c)] + mean[c] / count;
    }
  }

  template <class Mean, class Scale, class Shift>
  void apply(const float* x, float* y, int64_t rows, void* scratch, Mean mean, Scale scale, Shift shift,
             const Share& share = {}) const {
    float *centre = floats(scratch, 0), *factor = floats(scratch, 1), *summand = floats(scratch, 2);
    layout_.spread(centre, mean);
    layout_.spread(factor, scale);
    layout_.spread(summand, shift);
    layout_.runs(rows, share, [&](int64_t at, int64_t count, int64_t k) {
      if (limit_)
        channelwise().apply_cut(x + at, y + at, count, centre + k, factor + k, summand + k, *limit_, layout_.period());
      else channelwise().apply(x + at, y + at, count, centre + k, factor + k, summand + k, layout_.period());
    });
  }

  // Sums of dy and of dy * (x - mean) into sums[2 * channels].
  template <class Mean, class Scale, class Shift>
  void sum_gradients(const float* dy, const float* x, int64_t rows, void* scratch, Mean mean, Scale scale, Shift shift,
                     double* sums) const {
    float *centre = floats(scratch, 0), *factor = floats(scratch, 1), *summand = floats(scratch, 2);
    double *first = doubles(scratch), *second = first + layout_.coefficients();
    layout_.spread(centre, mean);
    if (limit_) {
      layout_.spread(factor, scale);
      layout_.spread(summand, shift);
    }
    std::fill(first, second + layout_.coefficients(), 0.0);
    layout_.runs(rows, [&](int64_t at, int64_t count, int64_t k) {
      if (limit_)
        channelwise().measure_cut_gradient(dy + at, x + at, count, centre + k, factor + k, summand + k, *limit_,
                                           first + k, second + k, layout_.period());
      else channelwise().measure_gradient(dy + at, x + at, count, centre + k, first + k, second + k, layout_.period());
    });
    std::fill_n(sums, 2 * layout_.channels(), 0.0);
    layout_.gather(first, sums);
    layout_.gather(second, sums + layout_.channels());
  }

  // dx = dy * scale + (x - mean) * slope + offset.
  template <class Mean, class Scale, class Shift, class Slope, class Offset>
  void apply_gradient(const float* dy, const float* x, float* dx, int64_t rows, void* scratch, Mean mean, Scale scale,
                      Shift shift, Slope slope, Offset offset) const {
    float *centre = floats(scratch, 0), *factor = floats(scratch, 1), *summand = floats(scratch, 2),
          *b = floats(scratch, 3), *c = floats(scratch, 4);
    layout_.spread(centre, mean);
    layout_.spread(factor, scale);
    if (limit_) layout_.spread(summand, shift);
    layout_.spread(b, slope);
    layout_.spread(c, offset);
    layout_.runs(rows, [&](int64_t at, int64_t count, int64_t k) {
      if (limit_)
        channelwise().apply_cut_gradient(dy + at, x + at, dx + at, count, centre + k, factor + k, summand + k, *limit_,
                                         b + k, c + k, layout_.period());
      else
        channelwise().apply_gradient(dy + at, x + at, dx + at, count, centre + k, factor + k, b + k, c + k,
                                     layout_.period());
    });
  }

 private:
  static constexpr int64_t kFloats = 5;  // coefficients of each kind at once

  float* floats(void* scratch, int64_t kind) const {
    return static_cast<float*>(scratch) + kind * layout_.coefficients();
  }
  double* doubles(void* scratch) const { return reinterpret_cast<double*>(floats(scratch, kFloats)); }

  ChannelLayout layout_;
  std::optional<float> limit_;
};

}  // namespace batchwise
