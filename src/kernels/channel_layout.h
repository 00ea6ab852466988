// How the channels of a tensor repeat in memory, for arithmetic by channel.
#pragma once

#include <algorithm>
#include <cstdint>

#include <batchwise/kernel.h>

#include "kernels/simd/channelwise.h"

namespace batchwise {

// A sample is `panels` runs of `run` floats, in each of which the coefficients of the panel repeat. Coefficient arrays
// hold panels * period floats. Plain tensors are one panel, whose runs continue from sample to sample; tensors with
// blocked channels have a panel per block.
class ChannelLayout {
 public:
  // axis: of the shape of one sample. REQUIRES: type.channel_block == 0 or axis is the last.
  ChannelLayout(const TensorType& type, int axis) : channels_(type.shape[axis]) {
    if (type.channel_block) {
      panels_ = (channels_ + type.channel_block - 1) / type.channel_block;
      width_ = type.channel_block;
    } else {
      for (int a = axis + 1; a < type.shape.rank(); ++a) inner_ *= type.shape[a];
      width_ = channels_ * inner_;
    }
    run_ = type.stored_count() / panels_;
    period_ = channel_period(width_);
  }

  int64_t channels() const { return channels_; }
  int64_t coefficients() const { return panels_ * period_; }
  int64_t period() const { return period_; }
  int64_t values_per_channel() const { return run_ / width_ * inner_; }  // in one sample

  // to[coefficients()] from one value per channel: value(channel). Padded channels get zero.
  template <class Value>
  void spread(float* to, Value value) const {
    for (int64_t panel = 0; panel < panels_; ++panel, to += period_) {
      for (int64_t i = 0; i < width_; ++i) {
        const int64_t channel = panel * width_ / inner_ + i / inner_;
        to[i] = channel < channels_ ? static_cast<float>(value(channel)) : 0.0f;
      }
      for (int64_t i = width_; i < period_; ++i) to[i] = to[i - width_];
    }
  }

  // into[channel] += what lies at its coefficients.
  void gather(const double* from, double* into) const {
    for (int64_t panel = 0; panel < panels_; ++panel, from += period_)
      for (int64_t start = 0; start < period_; start += width_)
        for (int64_t i = 0; i < width_; ++i) {
          const int64_t channel = panel * width_ / inner_ + i / inner_;
          if (channel < channels_) into[channel] += from[start + i];
        }
  }

  // Where the first value of a channel lies in a sample.
  int64_t first_of(int64_t channel) const {
    const int64_t per_panel = width_ / inner_;
    return channel / per_panel * run_ + channel % per_panel * inner_;
  }

  // body(first float, floats, first coefficient) for the share of `rows` samples; of tensors in one panel.
  template <class Body>
  void runs(int64_t rows, const Share& share, Body body) const {
    if (share.count == 1) return runs(rows, body);
    const int64_t count = rows * run_, periods = (count + period_ - 1) / period_;
    const int64_t first = share.begin(periods) * period_, end = std::min(count, share.end(periods) * period_);
    if (end > first) body(first, end - first, int64_t{0});
  }
  bool one_panel() const { return panels_ == 1; }

  // body(first float, floats, first coefficient) for each run of `rows` samples.
  template <class Body>
  void runs(int64_t rows, Body body) const {
    if (panels_ == 1) {
      body(int64_t{0}, rows * run_, int64_t{0});
      return;
    }
    for (int64_t row = 0; row < rows; ++row)
      for (int64_t panel = 0; panel < panels_; ++panel) body((row * panels_ + panel) * run_, run_, panel * period_);
  }

 private:
  int64_t channels_, panels_ = 1, inner_ = 1, width_ = 1, run_ = 0, period_ = 0;
};

}  // namespace batchwise
