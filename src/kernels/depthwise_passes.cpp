// The passes of a depthwise convolution, compiled for each instruction set.
#include "kernels/depthwise_passes.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/depthwise_passes.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace batchwise::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using Lanes = hn::CappedTag<float, 16>;
using Vector = hn::Vec<Lanes>;
constexpr int64_t kLanes = static_cast<int64_t>(hn::MaxLanes(Lanes()));
constexpr int64_t kTogether = 6;  // positions whose sums are kept in registers side by side

HWY_INLINE Vector load(const float* from, int64_t count) {
  const Lanes d;
  return count == kLanes ? hn::LoadU(d, from) : hn::MaskedLoad(hn::FirstN(d, static_cast<size_t>(count)), d, from);
}
HWY_INLINE void store(Vector value, float* to, int64_t count) {
  const Lanes d;
  if (count == kLanes) hn::StoreU(value, d, to);
  else hn::BlendedStore(value, hn::FirstN(d, static_cast<size_t>(count)), d, to);
}

// Positions [begin, end) of a run at which every tap's read is there.
void common(const TapRun& run, int64_t extent, int64_t& begin, int64_t& end) {
  begin = 0;
  end = run.count;
  for (int64_t read : run.reads) {
    if (read < 0) begin = std::max(begin, (-read + run.read_step - 1) / run.read_step);
    end = std::min(end, read >= extent ? 0 : (extent - 1 - read) / run.read_step + 1);
  }
  begin = std::min(begin, run.count);
  end = std::max(end, begin);
}

struct Row {
  const DepthwisePass& pass;
  const TapRun& rows;
  const TapRun& columns;
  const float* from;  // the image, at the first channel of the vector
  const float* weights;
  int64_t row;  // of the run
  int64_t count;

  // `number` neighbouring positions, whose reads are all there unless `checked`.
  template <int64_t number, bool checked>
  HWY_INLINE void sums(int64_t column, Vector start, Vector* sums) const {
    const int64_t wide = pass.channels, step = columns.read_step * wide;
    for (int64_t i = 0; i < number; ++i) sums[i] = start;
    for (size_t r = 0; r < rows.taps.size(); ++r) {
      const int64_t h = rows.reads[r] + row * rows.read_step;
      if (h < 0 || h >= pass.read_height) continue;
      const float* line = from + h * pass.read_width * wide;
      const float* taps = weights + rows.taps[r] * pass.tap_columns * wide;
      for (size_t c = 0; c < columns.taps.size(); ++c) {
        const int64_t w = columns.reads[c] + column * columns.read_step;
        if (checked && (w < 0 || w >= pass.read_width)) continue;
        const Vector weight = load(taps + columns.taps[c] * wide, count);
        for (int64_t i = 0; i < number; ++i)
          sums[i] = hn::MulAdd(load(line + w * wide + i * step, count), weight, sums[i]);
      }
    }
  }
};

void run(const DepthwisePass& pass, const float* from, const float* weights, const float* bias, bool relu, float* to,
         const Share& share) {
  const int64_t wide = pass.channels;
  for (const TapRun& rows : pass.rows)
    for (int64_t r = share.begin(rows.count); r < share.end(rows.count); ++r)
      for (int64_t c = 0; c < wide; c += kLanes) {
        const int64_t count = std::min(kLanes, wide - c);
        const Vector start = bias ? load(bias + c, count) : hn::Zero(Lanes());
        float* line = to + (rows.first + r * rows.step) * pass.written_width * wide + c;
        for (const TapRun& columns : pass.columns) {
          const Row row{pass, rows, columns, from + c, weights + c, r, count};
          const auto put = [&](int64_t column, const Vector* sums, int64_t number) HWY_ATTR {
            for (int64_t i = 0; i < number; ++i) {
              const Vector value = relu ? hn::IfThenZeroElse(hn::Lt(sums[i], hn::Zero(Lanes())), sums[i]) : sums[i];
              store(value, line + (columns.first + (column + i) * columns.step) * wide, count);
            }
          };
          int64_t begin, end;
          common(columns, pass.read_width, begin, end);
          Vector sums[kTogether];
          int64_t column = 0;
          while (column < columns.count) {
            if (column >= begin && column + kTogether <= end) {
              row.sums<kTogether, false>(column, start, sums);
              put(column, sums, kTogether);
              column += kTogether;
            } else {
              row.sums<1, true>(column, start, sums);
              put(column, sums, 1);
              ++column;
            }
          }
        }
      }
}

// Up to kTogether taps of a row of the window at a time, so that a gradient is loaded once for all of them.
void add_gradient(const Window& window, int64_t wide, const float* input, const float* gradient, float* to) {
  const WindowAxis &height = window.height, &width = window.width;
  for (int64_t c = 0; c < wide; c += kLanes) {
    const int64_t count = std::min(kLanes, wide - c);
    for (int64_t kh = 0; kh < height.window; ++kh)
      for (int64_t first = 0; first < width.window; first += kTogether) {
        const int64_t taps = std::min(kTogether, width.window - first);
        Vector sums[kTogether];
        for (int64_t k = 0; k < kTogether; ++k) sums[k] = hn::Zero(Lanes());
        for (int64_t oh = 0; oh < height.output; ++oh) {
          const int64_t h = oh * height.stride - height.before + kh * height.dilation;
          if (h < 0 || h >= height.input) continue;
          const float* line = input + h * width.input * wide + c;
          const float* dy = gradient + oh * width.output * wide + c;
          for (int64_t ow = 0; ow < width.output; ++ow, dy += wide) {
            const Vector value = load(dy, count);
            const int64_t start = ow * width.stride - width.before + first * width.dilation;
            for (int64_t k = 0; k < taps; ++k) {
              const int64_t w = start + k * width.dilation;
              if (w >= 0 && w < width.input) sums[k] = hn::MulAdd(load(line + w * wide, count), value, sums[k]);
            }
          }
        }
        for (int64_t k = 0; k < taps; ++k) {
          float* at = to + (kh * width.window + first + k) * wide + c;
          store(hn::Add(load(at, count), sums[k]), at, count);
        }
      }
  }
}

}  // namespace
}  // namespace batchwise::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace batchwise {
namespace {

TapRun forward_run(const WindowAxis& axis) {
  TapRun run{.count = axis.output, .read_step = axis.stride};
  for (int64_t tap = 0; tap < axis.window; ++tap) {
    run.taps.push_back(tap);
    run.reads.push_back(tap * axis.dilation - axis.before);
  }
  return run;
}

// Input positions that are alike modulo the stride see the same taps.
std::vector<TapRun> backward_runs(const WindowAxis& axis) {
  std::vector<TapRun> runs;
  for (int64_t first = 0; first < std::min(axis.stride, axis.input); ++first) {
    TapRun run{.first = first, .count = (axis.input - 1 - first) / axis.stride + 1, .step = axis.stride};
    for (int64_t tap = 0; tap < axis.window; ++tap) {
      const int64_t place = first + axis.before - tap * axis.dilation;
      if (place % axis.stride != 0) continue;
      run.taps.push_back(tap);
      run.reads.push_back(place / axis.stride);
    }
    // The output positions end before the input's do where a stride leaves some out: reads beyond are not there.
    runs.push_back(std::move(run));
  }
  return runs;
}

}  // namespace

DepthwisePass depthwise_forward(const Window& window, int64_t channels) {
  const WindowAxis &height = window.height, &width = window.width;
  return {channels,     height.input, width.input,           height.output,
          width.output, width.window, {forward_run(height)}, {forward_run(width)}};
}

DepthwisePass depthwise_backward(const Window& window, int64_t channels) {
  const WindowAxis &height = window.height, &width = window.width;
  return {channels,    height.output, width.output,          height.input,
          width.input, width.window,  backward_runs(height), backward_runs(width)};
}

HWY_EXPORT(run);
HWY_EXPORT(add_gradient);

void run_depthwise(const DepthwisePass& pass, const float* from, const float* weights, const float* bias, bool relu,
                   float* to, const Share& share) {
  HWY_DYNAMIC_DISPATCH(run)(pass, from, weights, bias, relu, to, share);
}
void add_depthwise_gradient(const Window& window, int64_t channels, const float* input, const float* output_gradient,
                            float* to) {
  HWY_DYNAMIC_DISPATCH(add_gradient)(window, channels, input, output_gradient, to);
}

}  // namespace batchwise
#endif
