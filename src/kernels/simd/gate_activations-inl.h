// The activations of recurrent gates on vectors: a slot of a step's row, forward and backward.
// Included once per target: toggled guard.
#if defined(BATCHWISE_SIMD_GATE_ACTIVATIONS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef BATCHWISE_SIMD_GATE_ACTIVATIONS_INL_H_
#undef BATCHWISE_SIMD_GATE_ACTIVATIONS_INL_H_
#else
#define BATCHWISE_SIMD_GATE_ACTIVATIONS_INL_H_
#endif

#include <cstring>

#include "kernels/simd/activation_functions-inl.h"
#include "kernels/simd/recurrent_gates.h"

HWY_BEFORE_NAMESPACE();
namespace batchwise::HWY_NAMESPACE {

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

inline bool Is(const ActivationFunction& f, const char* name) {
  return f.entry && std::strcmp(f.entry->name, name) == 0;
}

template <class Work, class Step>
void Choose(const Step& step, const ActivationFunction& a, const ActivationFunction& r) {
  if (Is(a, "tanh") && Is(r, "sigmoid")) Work::Run(step, Known<TanhFunction>(a), Known<SigmoidFunction>(r));
  else Work::Run(step, Any(a), Any(r));
}

// Work::Run for every row of a step.
template <class Work>
void Forward(const GateStep& step) {
  Choose<Work>(step, step.activation, step.recurrent_activation);
}
template <class Work>
void Backward(const GateGradientStep& step) {
  Choose<Work>(step, step.forward.activation, step.forward.recurrent_activation);
}

}  // namespace batchwise::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
