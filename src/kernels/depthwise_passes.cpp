// The passes of a depthwise convolution, compiled for each instruction set.
#include "kernels/depthwise_passes.h"

#include <algorithm>
#include <type_traits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/depthwise_passes.cpp"
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace batchwise::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using Lanes = hn::CappedTag<float, 16>;
using Vector = hn::Vec<Lanes>;
constexpr int64_t kLanes = static_cast<int64_t>(hn::MaxLanes(Lanes()));
constexpr int64_t kTaps = 3;  // taps of a row of the window whose gradients are kept in registers side by side

template <bool tail>
HWY_INLINE Vector load(const float* from, int64_t count) {
  if constexpr (tail) return hn::MaskedLoad(hn::FirstN(Lanes(), static_cast<size_t>(count)), Lanes(), from);
  else return hn::LoadU(Lanes(), from);
}
template <bool tail>
HWY_INLINE void store(Vector value, float* to, int64_t count) {
  if constexpr (tail) hn::BlendedStore(value, hn::FirstN(Lanes(), static_cast<size_t>(count)), Lanes(), to);
  else hn::StoreU(value, Lanes(), to);
}

// Images that a core's own cache does not hold are asked for one row ahead: rows lie too far apart for the core to
// guess.
constexpr int64_t kFar = 256 * 1024;  // floats read and written

// Calls work(c, count, tail) for vectors of channels, which lie side by side: neighbours are taken one after the other,
// so that memory is read in its own order.
template <class Work>
HWY_INLINE void for_channels(int64_t channels, const Work& work) {
  int64_t c = 0;
  for (; c + kLanes <= channels; c += kLanes) work(c, kLanes, std::false_type());
  if (c < channels) work(c, channels - c, std::true_type());
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

// The taps of a few positions: where their reads and weights lie.
struct Taps {
  static constexpr int64_t kMost = 32;
  int64_t number = 0;
  const float* reads[kMost];
  const float* weights[kMost];
};

struct Row {
  const DepthwisePass& pass;
  const TapRun& rows;
  const TapRun& columns;
  const float* from;  // the image
  const float* weights;
  const float* bias;
  bool relu;
  float* to;    // the row that is written
  int64_t row;  // of the run
  bool far;

  // `number` neighbouring positions, whose reads are all there unless `checked`.
  template <int64_t number, bool checked>
  void positions(int64_t column) const {
    Taps taps;
    bool first = true;
    for (size_t r = 0; r < rows.taps.size(); ++r) {
      const int64_t h = rows.reads[r] + row * rows.read_step;
      if (h < 0 || h >= pass.read_height) continue;
      for (size_t t = 0; t < columns.taps.size(); ++t) {
        const int64_t w = columns.reads[t] + column * columns.read_step;
        if (checked && (w < 0 || w >= pass.read_width)) continue;
        if (taps.number == Taps::kMost) {
          add<number>(taps, column, first, false);
          first = false;
          taps.number = 0;
        }
        taps.reads[taps.number] = from + (h * pass.read_width + w) * pass.channels;
        taps.weights[taps.number++] = weights + (rows.taps[r] * pass.tap_columns + columns.taps[t]) * pass.channels;
      }
    }
    add<number>(taps, column, first, true);
  }

  // Sums begin with the bias at the first taps, else with what is there.
  template <int64_t number>
  HWY_INLINE void add(const Taps& taps, int64_t column, bool first, bool last) const {
    const int64_t step = columns.read_step * pass.channels, apart = columns.step * pass.channels;
    float* at = to + (columns.first + column * columns.step) * pass.channels;
    const int64_t next_read = pass.read_width * pass.channels, next_written = pass.written_width * pass.channels;
    const float* ahead =
        far && taps.number > 0 ? std::max(taps.reads[0], taps.reads[taps.number - 1]) + next_read : nullptr;
    for_channels(pass.channels, [&](int64_t c, int64_t count, auto is_tail) HWY_ATTR {
      constexpr bool tail = decltype(is_tail)::value;
      Vector sums[number];
      const Vector start = bias && first ? load<tail>(bias + c, count) : hn::Zero(Lanes());
#pragma GCC unroll 8
      for (int64_t i = 0; i < number; ++i) sums[i] = first ? start : load<tail>(at + i * apart + c, count);
      if (ahead)
#pragma GCC unroll 8
        for (int64_t i = 0; i < number; ++i) {
          hwy::Prefetch(ahead + i * step + c);
          hwy::Prefetch(at + next_written + i * apart + c);
        }
      for (int64_t t = 0; t < taps.number; ++t) {
        const Vector weight = load<tail>(taps.weights[t] + c, count);
        const float* read = taps.reads[t] + c;
#pragma GCC unroll 8
        for (int64_t i = 0; i < number; ++i) sums[i] = hn::MulAdd(load<tail>(read + i * step, count), weight, sums[i]);
      }
#pragma GCC unroll 8
      for (int64_t i = 0; i < number; ++i) {
        if (relu && last) sums[i] = hn::IfThenZeroElse(hn::Lt(sums[i], hn::Zero(Lanes())), sums[i]);
        store<tail>(sums[i], at + i * apart + c, count);
      }
    });
  }
};

void run(const DepthwisePass& pass, const float* from, const float* weights, const float* bias, bool relu, float* to,
         const Share& share) {
  const bool far =
      (pass.read_height * pass.read_width + pass.written_height * pass.written_width) * pass.channels > kFar;
  for (const TapRun& rows : pass.rows)
    for (int64_t r = share.begin(rows.count); r < share.end(rows.count); ++r)
      for (const TapRun& columns : pass.columns) {
        float* line = to + (rows.first + r * rows.step) * pass.written_width * pass.channels;
        const Row row{pass, rows, columns, from, weights, bias, relu, line, r, far};
        int64_t begin, end;
        common(columns, pass.read_width, begin, end);
        int64_t column = 0;
        for (; column < begin; ++column) row.positions<1, true>(column);
        for (; column + 6 <= end; column += 6) row.positions<6, false>(column);
        for (; column + 4 <= end; column += 4) row.positions<4, false>(column);
        for (; column + 2 <= end; column += 2) row.positions<2, false>(column);
        for (; column < columns.count; ++column) row.positions<1, true>(column);
      }
}

struct Gradient {
  const Window& window;
  int64_t channels;
  const float* input;
  const float* gradient;  // of the output
  float* to;
  bool far;

  // What `number` neighbouring outputs of a row add to every tap. Their reads are all there unless `checked`.
  template <int64_t number, bool checked>
  HWY_INLINE void add(int64_t row, int64_t column) const {
    const WindowAxis &height = window.height, &width = window.width;
    const int64_t step = width.stride * channels;
    const float* dy = gradient + (row * width.output + column) * channels;
    const int64_t start = column * width.stride - width.before;
    const float* ahead =
        input + ((row * height.stride - height.before + height.window) * width.input + start + 1) * channels;
    for_channels(channels, [&](int64_t c, int64_t count, auto is_tail) HWY_ATTR {
      constexpr bool tail = decltype(is_tail)::value;
      Vector given[number];
#pragma GCC unroll 8
      for (int64_t i = 0; i < number; ++i) given[i] = load<tail>(dy + i * channels + c, count);
      if (far)
#pragma GCC unroll 8
        for (int64_t i = 0; i < number; ++i) {
          hwy::Prefetch(dy + (width.output + i) * channels + c);
          hwy::Prefetch(ahead + i * step + c);
        }
      for (int64_t kh = 0; kh < height.window; ++kh) {
        const int64_t h = row * height.stride - height.before + kh * height.dilation;
        if (h < 0 || h >= height.input) continue;
        const float* line = input + h * width.input * channels + c;
        float* taps = to + kh * width.window * channels + c;
        int64_t kw = 0;
        for (; !checked && kw + kTaps <= width.window; kw += kTaps) {
          Vector sums[kTaps];
#pragma GCC unroll 8
          for (int64_t k = 0; k < kTaps; ++k) sums[k] = load<tail>(taps + (kw + k) * channels, count);
          const float* at = line + (start + kw * width.dilation) * channels;
#pragma GCC unroll 8
          for (int64_t i = 0; i < number; ++i, at += step)
#pragma GCC unroll 8
            for (int64_t k = 0; k < kTaps; ++k)
              sums[k] = hn::MulAdd(load<tail>(at + k * width.dilation * channels, count), given[i], sums[k]);
#pragma GCC unroll 8
          for (int64_t k = 0; k < kTaps; ++k) store<tail>(sums[k], taps + (kw + k) * channels, count);
        }
        for (; kw < width.window; ++kw) {
          const int64_t w = start + kw * width.dilation;
          if (checked && (w < 0 || w >= width.input)) continue;
          Vector sum = load<tail>(taps + kw * channels, count);
#pragma GCC unroll 8
          for (int64_t i = 0; i < number; ++i)
            sum = hn::MulAdd(load<tail>(line + w * channels + i * step, count), given[i], sum);
          store<tail>(sum, taps + kw * channels, count);
        }
      }
    });
  }
};

void add_gradient(const Window& window, int64_t channels, const float* input, const float* gradient, float* to) {
  const WindowAxis& width = window.width;
  const bool far = (window.inputs() + window.outputs()) * channels > kFar;
  const Gradient all{window, channels, input, gradient, to, far};
  const int64_t last = (width.window - 1) * width.dilation - width.before;  // what the last tap reads for column 0
  const int64_t begin = std::min(width.output, (width.before + width.stride - 1) / width.stride);
  const int64_t end = last >= width.input ? 0 : std::min(width.output, (width.input - 1 - last) / width.stride + 1);
  for (int64_t row = 0; row < window.height.output; ++row) {
    int64_t column = 0;
    for (; column < begin; ++column) all.add<1, true>(row, column);
    for (; column + 8 <= end; column += 8) all.add<8, false>(row, column);
    for (; column + 4 <= end; column += 4) all.add<4, false>(row, column);
    for (; column + 2 <= end; column += 2) all.add<2, false>(row, column);
    for (; column < width.output; ++column) all.add<1, true>(row, column);
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
