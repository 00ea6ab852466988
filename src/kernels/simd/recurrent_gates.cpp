// The gates of recurrent cells on vectors: one pass over a step's rows, compiled for each instruction set.
#include "kernels/simd/recurrent_gates.h"

#include <cstring>

#include "kernels/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/recurrent_gates.cpp"
#include <hwy/foreach_target.h>

#include "kernels/simd/activation_functions-inl.h"

HWY_BEFORE_NAMESPACE();
namespace batchwise::HWY_NAMESPACE {
namespace {

// The activations that nearly every model has, in registers.
template <class Function>
struct Known {
  explicit Known(const ActivationFunction&) {}
  static constexpr bool from_output() { return Function::kFromOutput; }
  HWY_INLINE V Forward(F d, V x) const { return Function::Forward(d, {}, x); }
  HWY_INLINE V Gradient(F d, V dy, V point) const { return hn::Mul(dy, Function::Slope(d, {}, point)); }
};

// Any activation, a vector at a time through memory.
struct Any {
  explicit Any(const ActivationFunction& function) : f(function) {}
  bool from_output() const { return !f.entry || f.entry->from_output; }
  HWY_INLINE V Forward(F d, V x) const {
    if (!f.entry) return x;
    HWY_ALIGN float values[hn::MaxLanes(F())];
    hn::Store(x, d, values);
    f.entry->forward(f.parameters, values, values, static_cast<int64_t>(hn::Lanes(d)));
    return hn::Load(d, values);
  }
  HWY_INLINE V Gradient(F d, V dy, V point) const {
    if (!f.entry) return dy;
    HWY_ALIGN float gradient[hn::MaxLanes(F())], points[hn::MaxLanes(F())];
    hn::Store(dy, d, gradient);
    hn::Store(point, d, points);
    f.entry->backward(f.parameters, gradient, points, gradient, static_cast<int64_t>(hn::Lanes(d)));
    return hn::Load(d, gradient);
  }
  const ActivationFunction& f;
};

// Computes f of what a slot holds and leaves there what the backward pass will read.
template <class A>
HWY_INLINE V Activate(F d, const A& a, float* slot) {
  const V x = hn::LoadU(d, slot), y = a.Forward(d, x);
  if (a.from_output()) hn::StoreU(y, d, slot);
  return y;
}

// f of a slot that `Activate` left.
template <class A>
HWY_INLINE V Activated(F d, const A& a, const float* slot) {
  const V kept = hn::LoadU(d, slot);
  return a.from_output() ? kept : a.Forward(d, kept);
}

template <class A>
HWY_INLINE void StoreGradient(F d, const A& a, V dy, const float* slot, float* to) {
  hn::StoreU(a.Gradient(d, dy, hn::LoadU(d, slot)), d, to);
}

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

bool Is(const ActivationFunction& f, const char* name) { return f.entry && std::strcmp(f.entry->name, name) == 0; }

template <class Work, class Step>
void Choose(const Step& step, const ActivationFunction& a, const ActivationFunction& r) {
  if (Is(a, "tanh") && Is(r, "sigmoid")) Work::Run(step, Known<TanhFunction>(a), Known<SigmoidFunction>(r));
  else Work::Run(step, Any(a), Any(r));
}

template <class Work>
void Forward(const GateStep& step) {
  Choose<Work>(step, step.activation, step.recurrent_activation);
}
template <class Work>
void Backward(const GateGradientStep& step) {
  Choose<Work>(step, step.forward.activation, step.forward.recurrent_activation);
}

}  // namespace

void SimpleStep(const GateStep& s) { Forward<SimpleForward>(s); }
void LstmStep(const GateStep& s) { Forward<LstmForward>(s); }
void GruStep(const GateStep& s) { Forward<GruForward>(s); }
void ResetStep(const GateStep& s) { Forward<ResetForward>(s); }
void CandidateStep(const GateStep& s) { Forward<CandidateForward>(s); }
void SimpleGradient(const GateGradientStep& s) { Backward<SimpleBackward>(s); }
void LstmGradient(const GateGradientStep& s) { Backward<LstmBackward>(s); }
void GruGradient(const GateGradientStep& s) { Backward<GruBackward>(s); }
void CandidateGradient(const GateGradientStep& s) { Backward<CandidateBackward>(s); }
void ResetGradient(const GateGradientStep& s) { Backward<ResetBackward>(s); }

}  // namespace batchwise::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace batchwise {

HWY_EXPORT(SimpleStep);
HWY_EXPORT(LstmStep);
HWY_EXPORT(GruStep);
HWY_EXPORT(ResetStep);
HWY_EXPORT(CandidateStep);
HWY_EXPORT(SimpleGradient);
HWY_EXPORT(LstmGradient);
HWY_EXPORT(GruGradient);
HWY_EXPORT(CandidateGradient);
HWY_EXPORT(ResetGradient);

void simple_rnn_step(const GateStep& step) { HWY_DYNAMIC_DISPATCH(SimpleStep)(step); }
void lstm_step(const GateStep& step) { HWY_DYNAMIC_DISPATCH(LstmStep)(step); }
void gru_step(const GateStep& step) { HWY_DYNAMIC_DISPATCH(GruStep)(step); }
void gru_reset_step(const GateStep& step) { HWY_DYNAMIC_DISPATCH(ResetStep)(step); }
void gru_candidate_step(const GateStep& step) { HWY_DYNAMIC_DISPATCH(CandidateStep)(step); }
void simple_rnn_gradient(const GateGradientStep& step) { HWY_DYNAMIC_DISPATCH(SimpleGradient)(step); }
void lstm_gradient(const GateGradientStep& step) { HWY_DYNAMIC_DISPATCH(LstmGradient)(step); }
void gru_gradient(const GateGradientStep& step) { HWY_DYNAMIC_DISPATCH(GruGradient)(step); }
void gru_candidate_gradient(const GateGradientStep& step) { HWY_DYNAMIC_DISPATCH(CandidateGradient)(step); }
void gru_reset_gradient(const GateGradientStep& step) { HWY_DYNAMIC_DISPATCH(ResetGradient)(step); }

}  // namespace batchwise
#endif
