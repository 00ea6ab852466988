// The one gate of a simple recurrent cell: one pass over a step's rows, compiled for each instruction set.
#include <cstring>

#include "kernels/simd/recurrent_gates.h"
#include "kernels/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/simple_rnn_gates.cpp"
#include <hwy/foreach_target.h>

#include "kernels/simd/gate_activations-inl.h"

HWY_BEFORE_NAMESPACE();
namespace batchwise::HWY_NAMESPACE {
namespace {

struct SimpleForward {
  template <class A, class R>
  static void Run(const GateStep& s, const A& a, const R&) {
    const F d;
    const int64_t lanes = static_cast<int64_t>(hn::Lanes(d)), w = s.width;
    for (int64_t row = 0; row < s.rows; ++row) {
      if (s.counts(row))
        for (int64_t i = 0; i < w; i += lanes)
          hn::StoreU(Activate(d, a, s.gates + row * s.gate_row + i), d, s.h + row * w + i);
      else std::memcpy(s.h + row * w, s.h_before + row * w, static_cast<size_t>(w) * sizeof(float));
    }
  }
};

struct SimpleBackward {
  template <class A, class R>
  static void Run(const GateGradientStep& g, const A& a, const R&) {
    const F d;
    const GateStep& s = g.forward;
    const int64_t lanes = static_cast<int64_t>(hn::Lanes(d)), w = s.width;
    for (int64_t row = 0; row < s.rows; ++row)
      for (int64_t i = 0; i < w; i += lanes) {
        float *dh = g.dh + row * w + i, *gradient = g.gates + row * s.gate_row + i;
        if (s.counts(row)) {
          StoreGradient(d, a, hn::LoadU(d, dh), s.gates + row * s.gate_row + i, gradient);
          hn::StoreU(hn::Zero(d), d, dh);
        } else {
          hn::StoreU(hn::Zero(d), d, gradient);
        }
      }
  }
};

}  // namespace

void SimpleStep(const GateStep& s) { Forward<SimpleForward>(s); }
void SimpleGradient(const GateGradientStep& s) { Backward<SimpleBackward>(s); }

}  // namespace batchwise::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace batchwise {

HWY_EXPORT(SimpleStep);
HWY_EXPORT(SimpleGradient);

void simple_rnn_step(const GateStep& step) { HWY_DYNAMIC_DISPATCH(SimpleStep)(step); }
void simple_rnn_gradient(const GateGradientStep& step) { HWY_DYNAMIC_DISPATCH(SimpleGradient)(step); }

}  // namespace batchwise
#endif
