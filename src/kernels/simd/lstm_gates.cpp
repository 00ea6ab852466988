// The gates of an LSTM: one pass over a step's rows, compiled for each instruction set.
#include <cstring>

#include "kernels/simd/recurrent_gates.h"
#include "kernels/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/lstm_gates.cpp"
#include <hwy/foreach_target.h>

#include "kernels/simd/gate_activations-inl.h"

HWY_BEFORE_NAMESPACE();
namespace batchwise::HWY_NAMESPACE {
namespace {

struct LstmForward {
  template <class A, class R>
  static void Run(const GateStep& s, const A& a, const R& r) {
    const F d;
    const int64_t lanes = static_cast<int64_t>(hn::Lanes(d)), w = s.width;
    for (int64_t row = 0; row < s.rows; ++row) {
      float *gates = s.gates + row * s.gate_row, *h = s.h + row * w, *c = s.c + row * w;
      if (!s.counts(row)) {
        std::memcpy(h, s.h_before + row * w, static_cast<size_t>(w) * sizeof(float));
        std::memcpy(c, s.c_before + row * w, static_cast<size_t>(w) * sizeof(float));
        continue;
      }
      for (int64_t i = 0; i < w; i += lanes) {
        const V input = Activate(d, r, gates + i), forget = Activate(d, r, gates + w + i);
        const V candidate = Activate(d, a, gates + 2 * w + i), output = Activate(d, r, gates + 3 * w + i);
        const V carry = hn::MulAdd(forget, hn::LoadU(d, s.c_before + row * w + i), hn::Mul(input, candidate));
        hn::StoreU(carry, d, c + i);
        hn::StoreU(hn::Mul(output, a.Forward(d, carry)), d, h + i);
      }
    }
  }
};

struct LstmBackward {
  template <class A, class R>
  static void Run(const GateGradientStep& g, const A& a, const R& r) {
    const F d;
    const GateStep& s = g.forward;
    const int64_t lanes = static_cast<int64_t>(hn::Lanes(d)), w = s.width;
    for (int64_t row = 0; row < s.rows; ++row) {
      const float* gates = s.gates + row * s.gate_row;
      float *dgates = g.gates + row * s.gate_row, *dh = g.dh + row * w, *dc = g.dc + row * w;
      if (!s.counts(row)) {
        std::memset(dgates, 0, static_cast<size_t>(s.gate_row) * sizeof(float));
        continue;
      }
      for (int64_t i = 0; i < w; i += lanes) {
        const V input = Activated(d, r, gates + i), forget = Activated(d, r, gates + w + i);
        const V candidate = Activated(d, a, gates + 2 * w + i), output = Activated(d, r, gates + 3 * w + i);
        const V carry = hn::LoadU(d, s.c + row * w + i), squashed = a.Forward(d, carry);
        const V gradient = hn::LoadU(d, dh + i);
        const V carried =
            hn::Add(hn::LoadU(d, dc + i), a.Gradient(d, hn::Mul(gradient, output), a.from_output() ? squashed : carry));
        StoreGradient(d, r, hn::Mul(carried, candidate), gates + i, dgates + i);
        StoreGradient(d, r, hn::Mul(carried, hn::LoadU(d, s.c_before + row * w + i)), gates + w + i, dgates + w + i);
        StoreGradient(d, a, hn::Mul(carried, input), gates + 2 * w + i, dgates + 2 * w + i);
        StoreGradient(d, r, hn::Mul(gradient, squashed), gates + 3 * w + i, dgates + 3 * w + i);
        hn::StoreU(hn::Mul(carried, forget), d, dc + i);
        hn::StoreU(hn::Zero(d), d, dh + i);
      }
    }
  }
};

}  // namespace

void LstmStep(const GateStep& s) { Forward<LstmForward>(s); }
void LstmGradient(const GateGradientStep& s) { Backward<LstmBackward>(s); }

}  // namespace batchwise::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace batchwise {

HWY_EXPORT(LstmStep);
HWY_EXPORT(LstmGradient);

void lstm_step(const GateStep& step) { HWY_DYNAMIC_DISPATCH(LstmStep)(step); }
void lstm_gradient(const GateGradientStep& step) { HWY_DYNAMIC_DISPATCH(LstmGradient)(step); }

}  // namespace batchwise
#endif
