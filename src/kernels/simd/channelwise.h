// Arithmetic by channel on runs of floats in which channels repeat with a fixed period, for the machine's instruction
// set.
#pragma once

#include <cstdint>

namespace batchwise {

// Every vector length divides it: coefficients are laid out for multiples of this many floats.
constexpr int64_t kLaneMultiple = 16;

// The smallest multiple of `width` that whole vectors fill: how long arrays of coefficients are.
int64_t channel_period(int64_t width);

// `period` is a channel_period; coefficient arrays hold `period` floats; runs start at the first channel and may end
// anywhere. Results do not depend on alignment. Outputs may be the memory of inputs.
struct ChannelwiseFunctions {
  // y = (x - centre) * scale + shift
  void (*apply)(const float* x, float* y, int64_t count, const float* centre, const float* scale, const float* shift,
                int64_t period);
  // sums += x - centre, squares += (x - centre)^2
  void (*measure)(const float* x, int64_t count, const float* centre, double* sums, double* squares, int64_t period);
  // sums += dy, products += dy * (x - centre)
  void (*measure_gradient)(const float* dy, const float* x, int64_t count, const float* centre, double* sums,
                           double* products, int64_t period);
  // dx = dy * a + (x - centre) * b + c
  void (*apply_gradient)(const float* dy, const float* x, float* dx, int64_t count, const float* centre, const float* a,
                         const float* b, const float* c, int64_t period);
  // The same where y is cut: y = min(max((x - centre) * scale + shift, 0), limit), and dy counts only where it was not.
  void (*apply_cut)(const float* x, float* y, int64_t count, const float* centre, const float* scale,
                    const float* shift, float limit, int64_t period);
  void (*measure_cut_gradient)(const float* dy, const float* x, int64_t count, const float* centre, const float* scale,
                               const float* shift, float limit, double* sums, double* products, int64_t period);
  // dx = dy * scale + (x - centre) * b + c
  void (*apply_cut_gradient)(const float* dy, const float* x, float* dx, int64_t count, const float* centre,
                             const float* scale, const float* shift, float limit, const float* b, const float* c,
                             int64_t period);
  // y = float(bytes) * scale + shift
  void (*apply_bytes)(const uint8_t* x, float* y, int64_t count, const float* scale, const float* shift,
                      int64_t period);
};

const ChannelwiseFunctions& channelwise();

}  // namespace batchwise
