// Transcendental functions on vectors of floats, about 1e-6 relative, that let NaN through.
// Included once per target: toggled guard.
#if defined(BATCHWISE_SIMD_VECTOR_MATH_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef BATCHWISE_SIMD_VECTOR_MATH_INL_H_
#undef BATCHWISE_SIMD_VECTOR_MATH_INL_H_
#else
#define BATCHWISE_SIMD_VECTOR_MATH_INL_H_
#endif

#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace batchwise::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using F = hn::ScalableTag<float>;
using V = hn::Vec<F>;

HWY_INLINE V C(F d, double value) { return hn::Set(d, static_cast<float>(value)); }

// Highway's functions turn NaN into numbers; training must not hide one.
HWY_INLINE V KeepNaN(V x, V y) { return hn::IfThenElse(hn::IsNaN(x), x, y); }

// 2 to the nearest whole power, times the series of what is left. Highway's takes twice the operations, for digits of
// denormal results: here these are 0.
HWY_INLINE V ExpOf(F d, V x) {
  const hn::RebindToSigned<F> di;
  constexpr double kWhole = 12582912;  // 1.5 * 2^23: what is added to it is rounded to the last bit of its fraction
  const V within = hn::Max(C(d, -87.5), hn::Min(C(d, 89), x));  // in this order NaN stays
  const V shifted = hn::MulAdd(within, C(d, 1.4426950408889634), C(d, kWhole));
  const V power = hn::Sub(shifted, C(d, kWhole));
  // ln 2 in two parts, the first of so few digits that its product is exact.
  V r = hn::NegMulAdd(power, C(d, 0.693359375), within);
  r = hn::MulAdd(power, C(d, 2.12194440e-4), r);
  V series = hn::MulAdd(C(d, 1.9875691500e-4), r, C(d, 1.3981999507e-3));
  series = hn::MulAdd(series, r, C(d, 8.3334519073e-3));
  series = hn::MulAdd(series, r, C(d, 4.1665795894e-2));
  series = hn::MulAdd(series, r, C(d, 1.6666665459e-1));
  series = hn::MulAdd(series, r, C(d, 5.0000001201e-1));
  series = hn::MulAdd(series, hn::Mul(r, r), r);
  // Twice the result, and half the power: 2^128 is no float.
  const V twice = hn::MulAdd(series, C(d, 2), C(d, 2));
  const auto half = hn::Add(hn::ShiftLeft<23>(hn::BitCast(di, shifted)), hn::Set(di, 126 << 23));
  return hn::Mul(twice, hn::BitCast(d, half));
}
HWY_INLINE V Expm1Of(F d, V x) { return KeepNaN(x, hn::Expm1(d, hn::Min(x, C(d, 104)))); }
HWY_INLINE V TanhOf(F d, V x) { return KeepNaN(x, hn::Tanh(d, x)); }
HWY_INLINE V LogOf(F d, V x) { return KeepNaN(x, hn::Log(d, x)); }
// REQUIRES: x in [0, 1].
HWY_INLINE V Log1pOf(F d, V x) { return KeepNaN(x, hn::Log1p(d, x)); }

HWY_INLINE V Sigmoid(F d, V x) {
  // exp of a negative number never overflows, and small results keep their digits.
  const V e = ExpOf(d, hn::Neg(hn::Abs(x)));
  const V positive = hn::Div(C(d, 1), hn::Add(C(d, 1), e));
  return hn::IfThenElse(hn::Lt(x, hn::Zero(d)), hn::Mul(e, positive), positive);
}

HWY_INLINE V Softplus(F d, V x) {
  return KeepNaN(x, hn::Add(hn::Max(x, hn::Zero(d)), Log1pOf(d, ExpOf(d, hn::Neg(hn::Abs(x))))));
}

// The distribution function of the normal distribution, and exp(-x^2 / 2) on the way.
// erfc(z) = t exp(-z^2) g(t) with t = 1 / (1 + z / 2); g: Chebyshev fit on t in [1/6.2, 1], 5e-9 relative.
HWY_INLINE V NormalCdf(F d, V x, V& gauss) {
  const V z = hn::Min(hn::Mul(hn::Abs(x), C(d, 0.70710678118654752)), C(d, 10));
  const V square = hn::Mul(z, z);
  const V rest = hn::MulSub(z, z, square);  // what rounding z^2 lost (zero without FMA)
  gauss = ExpOf(d, hn::Neg(square));
  gauss = hn::NegMulAdd(gauss, rest, gauss);
  const V t = hn::Div(C(d, 1), hn::MulAdd(z, C(d, 0.5), C(d, 1)));
  const V u = hn::Mul(hn::Sub(t, C(d, 0.5806451612903226)), C(d, 2.3846153846153846));
  V g = hn::MulAdd(C(d, 5.59709318e-06), u, C(d, 6.54243986e-06));
  g = hn::MulAdd(g, u, C(d, -6.99209209e-05));
  g = hn::MulAdd(g, u, C(d, 8.85306822e-06));
  g = hn::MulAdd(g, u, C(d, 6.19356082e-04));
  g = hn::MulAdd(g, u, C(d, -6.6400239e-04));
  g = hn::MulAdd(g, u, C(d, -6.29363915e-03));
  g = hn::MulAdd(g, u, C(d, 6.24068935e-03));
  g = hn::MulAdd(g, u, C(d, 1.0323209e-01));
  g = hn::MulAdd(g, u, C(d, 3.27002906e-01));
  g = hn::MulAdd(g, u, C(d, 5.6991156e-01));
  const V tail = hn::Mul(hn::Mul(C(d, 0.5), hn::Mul(t, g)), gauss);
  return KeepNaN(x, hn::IfThenElse(hn::Lt(x, hn::Zero(d)), tail, hn::Sub(C(d, 1), tail)));
}

}  // namespace batchwise::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
