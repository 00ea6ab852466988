// The gates of a GRU, reset after its product or before: passes over a step's rows, compiled for each instruction set.
#include <cstring>

#include "kernels/simd/recurrent_gates.h"
#include "kernels/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/gru_gates.cpp"
#include <hwy/foreach_target.h>

#include "kernels/simd/gate_activations-inl.h"

HWY_BEFORE_NAMESPACE();
namespace batchwise::HWY_NAMESPACE {
namespace {

// h = z * h_before + (1 - z) * candidate.
HWY_INLINE V Mixed(V update, V before, V candidate) {
  return hn::MulAdd(update, hn::Sub(before, candidate), candidate);
}

struct GruForward {
  template <class A, class R>
  static void Run(const GateStep& s, const A& a, const R& r) {
    const F d;
    const int64_t lanes = static_cast<int64_t>(hn::Lanes(d)), w = s.width;
    for (int64_t row = 0; row < s.rows; ++row) {
      float* gates = s.gates + row * s.gate_row;
      const float* before = s.h_before + row * w;
      if (!s.counts(row)) {
        std::memcpy(s.h + row * w, before, static_cast<size_t>(w) * sizeof(float));
        continue;
      }
      for (int64_t i = 0; i < w; i += lanes) {
        const V update = Activate(d, r, gates + i), reset = Activate(d, r, gates + w + i);
        float* slot = gates + 2 * w + i;
        hn::StoreU(hn::MulAdd(reset, hn::LoadU(d, gates + 3 * w + i), hn::LoadU(d, slot)), d, slot);
        const V candidate = Activate(d, a, slot);
        hn::StoreU(Mixed(update, hn::LoadU(d, before + i), candidate), d, s.h + row * w + i);
      }
    }
  }
};

struct GruBackward {
  template <class A, class R>
  static void Run(const GateGradientStep& g, const A& a, const R& r) {
    const F d;
    const GateStep& s = g.forward;
    const int64_t lanes = static_cast<int64_t>(hn::Lanes(d)), w = s.width;
    for (int64_t row = 0; row < s.rows; ++row) {
      const float* gates = s.gates + row * s.gate_row;
      float *dgates = g.gates + row * s.gate_row, *dh = g.dh + row * w;
      if (!s.counts(row)) {
        std::memset(dgates, 0, static_cast<size_t>(s.gate_row) * sizeof(float));
        continue;
      }
      for (int64_t i = 0; i < w; i += lanes) {
        const V update = Activated(d, r, gates + i), reset = Activated(d, r, gates + w + i);
        const V candidate = Activated(d, a, gates + 2 * w + i), gradient = hn::LoadU(d, dh + i);
        const V before = hn::LoadU(d, s.h_before + row * w + i);
        StoreGradient(d, r, hn::Mul(gradient, hn::Sub(before, candidate)), gates + i, dgates + i);
        const V inner = a.Gradient(d, hn::NegMulAdd(update, gradient, gradient), hn::LoadU(d, gates + 2 * w + i));
        StoreGradient(d, r, hn::Mul(inner, hn::LoadU(d, gates + 3 * w + i)), gates + w + i, dgates + w + i);
        hn::StoreU(inner, d, dgates + 2 * w + i);
        hn::StoreU(hn::Mul(inner, reset), d, dgates + 3 * w + i);
        hn::StoreU(hn::Mul(gradient, update), d, dh + i);
      }
    }
  }
};

struct ResetForward {
  template <class A, class R>
  static void Run(const GateStep& s, const A&, const R& r) {
    const F d;
    const int64_t lanes = static_cast<int64_t>(hn::Lanes(d)), w = s.width;
    for (int64_t row = 0; row < s.rows; ++row)
      for (int64_t i = 0; i < w; i += lanes) {
        float* gates = s.gates + row * s.gate_row + i;
        const V reset = Activate(d, r, gates + w);
        hn::StoreU(hn::Mul(reset, hn::LoadU(d, s.operand + row * w + i)), d, gates + 3 * w);
      }
  }
};

struct CandidateForward {
  template <class A, class R>
  static void Run(const GateStep& s, const A& a, const R& r) {
    const F d;
    const int64_t lanes = static_cast<int64_t>(hn::Lanes(d)), w = s.width;
    for (int64_t row = 0; row < s.rows; ++row) {
      float* gates = s.gates + row * s.gate_row;
      const float* before = s.h_before + row * w;
      if (!s.counts(row)) {
        std::memcpy(s.h + row * w, before, static_cast<size_t>(w) * sizeof(float));
        continue;
      }
      for (int64_t i = 0; i < w; i += lanes) {
        const V update = Activate(d, r, gates + i), candidate = Activate(d, a, gates + 2 * w + i);
        hn::StoreU(Mixed(update, hn::LoadU(d, before + i), candidate), d, s.h + row * w + i);
      }
    }
  }
};

struct CandidateBackward {
  template <class A, class R>
  static void Run(const GateGradientStep& g, const A& a, const R& r) {
    const F d;
    const GateStep& s = g.forward;
    const int64_t lanes = static_cast<int64_t>(hn::Lanes(d)), w = s.width;
    for (int64_t row = 0; row < s.rows; ++row) {
      const float* gates = s.gates + row * s.gate_row;
      float *dgates = g.gates + row * s.gate_row, *dh = g.dh + row * w;
      std::memset(dgates + 3 * w, 0, static_cast<size_t>(w) * sizeof(float));
      if (!s.counts(row)) {
        std::memset(dgates, 0, static_cast<size_t>(3 * w) * sizeof(float));
        continue;
      }
      for (int64_t i = 0; i < w; i += lanes) {
        const V update = Activated(d, r, gates + i), candidate = Activated(d, a, gates + 2 * w + i);
        const V gradient = hn::LoadU(d, dh + i), before = hn::LoadU(d, s.h_before + row * w + i);
        StoreGradient(d, r, hn::Mul(gradient, hn::Sub(before, candidate)), gates + i, dgates + i);
        StoreGradient(d, a, hn::NegMulAdd(update, gradient, gradient), gates + 2 * w + i, dgates + 2 * w + i);
        hn::StoreU(hn::Mul(gradient, update), d, dh + i);
      }
    }
  }
};

struct ResetBackward {
  template <class A, class R>
  static void Run(const GateGradientStep& g, const A&, const R& r) {
    const F d;
    const GateStep& s = g.forward;
    const int64_t lanes = static_cast<int64_t>(hn::Lanes(d)), w = s.width;
    for (int64_t row = 0; row < s.rows; ++row)
      for (int64_t i = 0; i < w; i += lanes) {
        const float* slot = s.gates + row * s.gate_row + w + i;
        float *gradient = g.gates + row * s.gate_row + w + i, *through = g.reset + row * w + i;
        const V arriving = s.counts(row) ? hn::LoadU(d, through) : hn::Zero(d);
        StoreGradient(d, r, hn::Mul(arriving, hn::LoadU(d, s.operand + row * w + i)), slot, gradient);
        hn::StoreU(hn::Mul(arriving, Activated(d, r, slot)), d, through);
      }
  }
};

}  // namespace

void GruStep(const GateStep& s) { Forward<GruForward>(s); }
void ResetStep(const GateStep& s) { Forward<ResetForward>(s); }
void CandidateStep(const GateStep& s) { Forward<CandidateForward>(s); }
void GruGradient(const GateGradientStep& s) { Backward<GruBackward>(s); }
void CandidateGradient(const GateGradientStep& s) { Backward<CandidateBackward>(s); }
void ResetGradient(const GateGradientStep& s) { Backward<ResetBackward>(s); }

}  // namespace batchwise::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace batchwise {

HWY_EXPORT(GruStep);
HWY_EXPORT(ResetStep);
HWY_EXPORT(CandidateStep);
HWY_EXPORT(GruGradient);
HWY_EXPORT(CandidateGradient);
HWY_EXPORT(ResetGradient);

void gru_step(const GateStep& step) { HWY_DYNAMIC_DISPATCH(GruStep)(step); }
void gru_reset_step(const GateStep& step) { HWY_DYNAMIC_DISPATCH(ResetStep)(step); }
void gru_candidate_step(const GateStep& step) { HWY_DYNAMIC_DISPATCH(CandidateStep)(step); }
void gru_gradient(const GateGradientStep& step) { HWY_DYNAMIC_DISPATCH(GruGradient)(step); }
void gru_candidate_gradient(const GateGradientStep& step) { HWY_DYNAMIC_DISPATCH(CandidateGradient)(step); }
void gru_reset_gradient(const GateGradientStep& step) { HWY_DYNAMIC_DISPATCH(ResetGradient)(step); }

}  // namespace batchwise
#endif
