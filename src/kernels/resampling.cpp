// Resampling, vectors of channels at a time, compiled for each instruction set.
#include "kernels/resampling.h"

#include <algorithm>
#include <array>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/resampling.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#ifndef BATCHWISE_RESAMPLING_WALK
#define BATCHWISE_RESAMPLING_WALK
namespace batchwise {
namespace {

struct ResamplingWalk {
  std::array<ResamplingAxis, 3> axes;  // planes, rows, columns
  int64_t channels = 1;

  // body(output position, output coordinates)
  template <class Body>
  void outputs(const Body& body) const {
    int64_t position = 0;
    for (int64_t d = 0; d < axes[0].outputs; ++d)
      for (int64_t h = 0; h < axes[1].outputs; ++h)
        for (int64_t w = 0; w < axes[2].outputs; ++w, ++position) body(position, d, h, w);
  }
  // body(input position, weight) for the taps of an output
  template <class Body>
  void taps(int64_t d, int64_t h, int64_t w, const Body& body) const {
    const auto& [planes, rows, columns] = axes;
    for (int64_t i = d * planes.taps; i < (d + 1) * planes.taps; ++i)
      for (int64_t j = h * rows.taps; j < (h + 1) * rows.taps; ++j) {
        const int64_t line = (planes.positions[i] * rows.inputs + rows.positions[j]) * columns.inputs;
        const float share = planes.weights[i] * rows.weights[j];
        for (int64_t k = w * columns.taps; k < (w + 1) * columns.taps; ++k)
          body(line + columns.positions[k], share * columns.weights[k]);
      }
  }
};

}  // namespace
}  // namespace batchwise
#endif

HWY_BEFORE_NAMESPACE();
namespace batchwise::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using Lanes = hn::CappedTag<float, 16>;
constexpr int64_t kLanes = static_cast<int64_t>(hn::MaxLanes(Lanes()));

// to = weight * from, or to += weight * from
HWY_INLINE void add_scaled(const float* from, float weight, int64_t count, bool begin, float* to) {
  const Lanes d;
  const auto factor = hn::Set(d, weight);
  int64_t c = 0;
  for (; c + kLanes <= count; c += kLanes) {
    const auto old = begin ? hn::Zero(d) : hn::LoadU(d, to + c);
    hn::StoreU(hn::MulAdd(hn::LoadU(d, from + c), factor, old), d, to + c);
  }
  if (c == count) return;
  const auto mask = hn::FirstN(d, static_cast<size_t>(count - c));
  const auto old = begin ? hn::Zero(d) : hn::MaskedLoad(mask, d, to + c);
  hn::BlendedStore(hn::MulAdd(hn::MaskedLoad(mask, d, from + c), factor, old), mask, d, to + c);
}

void resample(const ResamplingWalk& walk, const float* from, float* to) {
  const int64_t wide = walk.channels;
  walk.outputs([&](int64_t position, int64_t d, int64_t h, int64_t w) HWY_ATTR {
    bool begin = true;
    walk.taps(d, h, w, [&](int64_t input, float weight) HWY_ATTR {
      add_scaled(from + input * wide, weight, wide, begin, to + position * wide);
      begin = false;
    });
  });
}

void resample_gradient(const ResamplingWalk& walk, const float* from, float* to) {
  const int64_t wide = walk.channels;
  std::fill_n(to, walk.axes[0].inputs * walk.axes[1].inputs * walk.axes[2].inputs * wide, 0.0f);
  walk.outputs([&](int64_t position, int64_t d, int64_t h, int64_t w) HWY_ATTR {
    walk.taps(d, h, w, [&](int64_t input, float weight) HWY_ATTR {
      add_scaled(from + position * wide, weight, wide, false, to + input * wide);
    });
  });
}

}  // namespace
}  // namespace batchwise::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace batchwise {
namespace {

HWY_EXPORT(resample);
HWY_EXPORT(resample_gradient);

class ResamplingKernel final : public Kernel {
 public:
  ResamplingKernel(const std::vector<ResamplingAxis>& axes, const TensorType& type, int64_t grain)
      : from_(type), to_(type), grain_(grain) {
    walk_.channels = type.shape.back();
    for (size_t a = 0; a < axes.size(); ++a) {
      walk_.axes[3 - axes.size() + a] = axes[a];
      to_.shape[static_cast<int>(a)] = axes[a].outputs;
    }
  }
  std::string_view kind() const override { return "resampling"; }
  std::vector<TensorType> outputs() const override { return {to_}; }
  KernelNeeds needs() const override { return {.backward_inputs = false}; }
  KernelCost cost() const override {
    const double outs = static_cast<double>(grain_ * to_.stored_count());
    const double taps = static_cast<double>(walk_.axes[0].taps * walk_.axes[1].taps * walk_.axes[2].taps);
    return {.flops = 2 * outs * taps, .bytes = 4 * (outs + static_cast<double>(grain_ * from_.stored_count()))};
  }
  void forward(const ForwardCall& call) const override {
    const auto* x = static_cast<const float*>(call.inputs[0]);
    auto* y = static_cast<float*>(call.outputs[0]);
    for (int64_t n = 0; n < grain_; ++n)
      HWY_DYNAMIC_DISPATCH(resample)(walk_, x + n * from_.stored_count(), y + n * to_.stored_count());
  }
  void backward(const BackwardCall& call) const override {
    auto* dx = static_cast<float*>(call.input_gradients[0]);
    if (!dx) return;
    const auto* dy = static_cast<const float*>(call.output_gradients[0]);
    for (int64_t n = 0; n < grain_; ++n)
      HWY_DYNAMIC_DISPATCH(resample_gradient)(walk_, dy + n * to_.stored_count(), dx + n * from_.stored_count());
  }

 private:
  TensorType from_, to_;
  int64_t grain_;
  ResamplingWalk walk_;
};

}  // namespace

std::unique_ptr<Kernel> make_resampling_kernel(const std::vector<ResamplingAxis>& axes, const TensorType& type,
                                               int64_t grain) {
  return std::make_unique<ResamplingKernel>(axes, type, grain);
}

}  // namespace batchwise
#endif
