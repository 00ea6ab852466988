// Functions of one number besides activations, compiled for each instruction set, chosen at run time.
#include "kernels/simd/arithmetic_table.h"

#include <limits>

#include "kernels/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/arithmetic_table.cpp"
#include <hwy/foreach_target.h>

#include "kernels/simd/activation_functions-inl.h"
#include "kernels/simd/elementwise-inl.h"

HWY_BEFORE_NAMESPACE();
namespace batchwise::HWY_NAMESPACE {
namespace {

// As the C library: -inf at 0, NaN below, inf at inf.
HWY_INLINE V WholeLog(F d, V x) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const V inside = hn::IfThenElse(hn::Lt(x, C(d, 3.4e38)), LogOf(d, x), x);
  const V at_zero = hn::IfThenElse(hn::Eq(x, hn::Zero(d)), C(d, -kInfinity), inside);
  return hn::IfThenElse(hn::Lt(x, hn::Zero(d)), C(d, std::numeric_limits<double>::quiet_NaN()), at_zero);
}

struct Log {
  static constexpr bool kFromOutput = false;
  static V Forward(F d, const P&, V x) { return WholeLog(d, x); }
  static V Slope(F d, const P&, V x) { return hn::Div(C(d, 1), x); }
};
// a: the logarithm of the base.
template <int kBase>
struct LogOfBase {
  static constexpr bool kFromOutput = false;
  static constexpr double kScale = kBase == 2 ? 1.4426950408889634 : 0.4342944819032518;
  static V Forward(F d, const P&, V x) { return hn::Mul(WholeLog(d, x), C(d, kScale)); }
  static V Slope(F d, const P&, V x) { return hn::Div(C(d, kScale), x); }
};
struct Log1p {
  static constexpr bool kFromOutput = false;
  static V Forward(F d, const P&, V x) {
    return hn::IfThenElse(hn::Lt(hn::Abs(x), C(d, 0.5)), Log1pOf(d, x), WholeLog(d, hn::Add(C(d, 1), x)));
  }
  static V Slope(F d, const P&, V x) { return hn::Div(C(d, 1), hn::Add(C(d, 1), x)); }
};
struct Expm1 {
  static constexpr bool kFromOutput = true;
  static V Forward(F d, const P&, V x) { return Expm1Of(d, x); }
  static V Slope(F d, const P&, V y) { return hn::Add(y, C(d, 1)); }
};
struct Sqrt {
  static constexpr bool kFromOutput = true;
  static V Forward(F, const P&, V x) { return hn::Sqrt(x); }
  static V Slope(F d, const P&, V y) { return hn::Div(C(d, 0.5), y); }
};
// The root of a variance: of equal values it has a kink, where the slope is taken to be 0.
struct Deviation {
  static constexpr bool kFromOutput = true;
  static V Forward(F, const P&, V x) { return hn::Sqrt(x); }
  static V Slope(F d, const P&, V y) { return hn::IfThenElseZero(hn::Ne(y, hn::Zero(d)), hn::Div(C(d, 0.5), y)); }
};
struct Rsqrt {
  static constexpr bool kFromOutput = true;
  static V Forward(F d, const P&, V x) { return hn::Div(C(d, 1), hn::Sqrt(x)); }
  static V Slope(F d, const P&, V y) { return hn::Mul(C(d, -0.5), hn::Mul(y, hn::Mul(y, y))); }
};
struct Square {
  static constexpr bool kFromOutput = false;
  static V Forward(F, const P&, V x) { return hn::Mul(x, x); }
  static V Slope(F, const P&, V x) { return hn::Add(x, x); }
};
HWY_INLINE V SignOf(F d, V x) {
  const V negative = hn::IfThenElse(hn::Lt(x, hn::Zero(d)), C(d, -1), hn::Zero(d));
  return KeepNaN(x, hn::IfThenElse(hn::Gt(x, hn::Zero(d)), C(d, 1), negative));
}
struct Abs {
  static constexpr bool kFromOutput = false;
  static V Forward(F, const P&, V x) { return hn::Abs(x); }
  static V Slope(F d, const P&, V x) { return SignOf(d, x); }
};
struct Negative {
  static constexpr bool kFromOutput = true;
  static V Forward(F, const P&, V x) { return hn::Neg(x); }
  static V Slope(F d, const P&, V) { return C(d, -1); }
};
struct Reciprocal {
  static constexpr bool kFromOutput = true;
  static V Forward(F d, const P&, V x) { return hn::Div(C(d, 1), x); }
  static V Slope(F, const P&, V y) { return hn::Neg(hn::Mul(y, y)); }
};
struct Sine {
  static constexpr bool kFromOutput = false;
  static V Forward(F d, const P&, V x) { return KeepNaN(x, hn::Sin(d, x)); }
  static V Slope(F d, const P&, V x) { return hn::Cos(d, x); }
};
struct Cosine {
  static constexpr bool kFromOutput = false;
  static V Forward(F d, const P&, V x) { return KeepNaN(x, hn::Cos(d, x)); }
  static V Slope(F d, const P&, V x) { return hn::Neg(hn::Sin(d, x)); }
};
struct Erf {
  static constexpr bool kFromOutput = false;
  static V Scaled(F d, V x) { return hn::Mul(x, C(d, 1.4142135623730951)); }
  static V Forward(F d, const P&, V x) {
    V gauss;
    return hn::Sub(hn::Mul(C(d, 2), NormalCdf(d, Scaled(d, x), gauss)), C(d, 1));
  }
  static V Slope(F d, const P&, V x) { return hn::Mul(C(d, 1.1283791670955126), ExpOf(d, hn::Neg(hn::Mul(x, x)))); }
};
struct Tangent {
  static constexpr bool kFromOutput = true;
  static V Forward(F d, const P&, V x) { return KeepNaN(x, hn::Div(hn::Sin(d, x), hn::Cos(d, x))); }
  static V Slope(F d, const P&, V y) { return hn::MulAdd(y, y, C(d, 1)); }
};
struct Sinh {
  static constexpr bool kFromOutput = false;
  static V Half(F d, V x) { return hn::Mul(C(d, 0.5), ExpOf(d, x)); }
  static V Cosh(F d, V x) { return hn::Add(Half(d, x), Half(d, hn::Neg(x))); }
  static V Of(F d, V x) {  // (m + m / (m + 1)) / 2 of m = exp(x) - 1 loses no digits near 0
    const V m = Expm1Of(d, hn::Min(hn::Abs(x), C(d, 16)));
    const V near = hn::Mul(C(d, 0.5), hn::Add(m, hn::Div(m, hn::Add(m, C(d, 1)))));
    const V size = hn::IfThenElse(hn::Lt(hn::Abs(x), C(d, 16)), near, Half(d, hn::Abs(x)));
    return hn::CopySignToAbs(size, x);
  }
  static V Forward(F d, const P&, V x) { return KeepNaN(x, Of(d, x)); }
  static V Slope(F d, const P&, V x) { return Cosh(d, x); }
};
struct Cosh {
  static constexpr bool kFromOutput = false;
  static V Forward(F d, const P&, V x) { return KeepNaN(x, Sinh::Cosh(d, x)); }
  static V Slope(F d, const P&, V x) { return Sinh::Of(d, x); }
};
// The slope that an inverse has where 1 + a * x * x, or x * x - 1, is under a root or is not.
HWY_INLINE V Quadratic(F d, V x, double square, double one) {
  return hn::MulAdd(hn::Mul(x, C(d, square)), x, C(d, one));
}
HWY_INLINE V NotANumber(F d) { return C(d, std::numeric_limits<double>::quiet_NaN()); }
struct ArcSine {
  static constexpr bool kFromOutput = false;
  static V Forward(F d, const P&, V x) {
    return hn::IfThenElse(hn::Le(hn::Abs(x), C(d, 1)), hn::Asin(d, x), NotANumber(d));
  }
  static V Slope(F d, const P&, V x) { return hn::Div(C(d, 1), hn::Sqrt(Quadratic(d, x, -1, 1))); }
};
struct ArcCosine {
  static constexpr bool kFromOutput = false;
  static V Forward(F d, const P&, V x) {
    return hn::IfThenElse(hn::Le(hn::Abs(x), C(d, 1)), hn::Acos(d, x), NotANumber(d));
  }
  static V Slope(F d, const P&, V x) { return hn::Div(C(d, -1), hn::Sqrt(Quadratic(d, x, -1, 1))); }
};
struct ArcTangent {
  static constexpr bool kFromOutput = false;
  static V Forward(F d, const P&, V x) { return KeepNaN(x, hn::Atan(d, x)); }
  static V Slope(F d, const P&, V x) { return hn::Div(C(d, 1), Quadratic(d, x, 1, 1)); }
};
struct ArcSinh {
  static constexpr bool kFromOutput = false;
  static V Forward(F d, const P&, V x) { return KeepNaN(x, hn::Asinh(d, x)); }
  static V Slope(F d, const P&, V x) { return hn::Div(C(d, 1), hn::Sqrt(Quadratic(d, x, 1, 1))); }
};
struct ArcCosh {
  static constexpr bool kFromOutput = false;
  static V Forward(F d, const P&, V x) { return hn::IfThenElse(hn::Ge(x, C(d, 1)), hn::Acosh(d, x), NotANumber(d)); }
  static V Slope(F d, const P&, V x) { return hn::Div(C(d, 1), hn::Sqrt(Quadratic(d, x, 1, -1))); }
};
struct ArcTanh {
  static constexpr bool kFromOutput = false;
  static V Forward(F d, const P&, V x) {
    return hn::IfThenElse(hn::Lt(hn::Abs(x), C(d, 1)), hn::Atanh(d, x), NotANumber(d));
  }
  static V Slope(F d, const P&, V x) { return hn::Div(C(d, 1), Quadratic(d, x, -1, 1)); }
};
// a, b: what stays above, and what stands for the rest.
struct Threshold {
  static constexpr bool kFromOutput = false;
  static V Forward(F d, const P& p, V x) { return hn::IfThenElse(hn::Gt(x, C(d, p.a)), x, C(d, p.b)); }
  static V Slope(F d, const P& p, V x) { return Where(d, hn::Gt(x, C(d, p.a)), 1, 0); }
};
// a, b: the bounds.
struct Clip {
  static constexpr bool kFromOutput = false;
  static V Forward(F d, const P& p, V x) { return KeepNaN(x, hn::Min(C(d, p.b), hn::Max(C(d, p.a), x))); }
  static V Slope(F d, const P& p, V x) { return Where(d, hn::And(hn::Ge(x, C(d, p.a)), hn::Le(x, C(d, p.b))), 1, 0); }
};

// Steps: their slope is 0.
template <class Rounding>
struct Step {
  static constexpr bool kFromOutput = true;
  static V Forward(F d, const P&, V x) { return Rounding::Of(d, x); }
  static V Slope(F d, const P&, V) { return hn::Zero(d); }
};
struct ToFloor {
  static V Of(F, V x) { return hn::Floor(x); }
};
struct ToCeil {
  static V Of(F, V x) { return hn::Ceil(x); }
};
struct ToNearest {
  static V Of(F, V x) { return hn::Round(x); }  // halves to even
};
struct ToZero {
  static V Of(F, V x) { return hn::Trunc(x); }
};
struct ToSign {
  static V Of(F d, V x) { return SignOf(d, x); }
};

}  // namespace

std::span<const ActivationEntry> ArithmeticEntries() {
  static constexpr ActivationEntry kEntries[] = {
      Entry<Exponential>("exp"),
      Entry<TanhFunction>("tanh"),
      Entry<Log>("log"),
      Entry<LogOfBase<2>>("log2"),
      Entry<LogOfBase<10>>("log10"),
      Entry<Log1p>("log1p"),
      Entry<Expm1>("expm1"),
      Entry<Sqrt>("sqrt"),
      Entry<Deviation>("deviation"),
      Entry<Rsqrt>("rsqrt"),
      Entry<Square>("square"),
      Entry<Abs>("abs"),
      Entry<Negative>("negative"),
      Entry<Reciprocal>("reciprocal"),
      Entry<Sine>("sin"),
      Entry<Cosine>("cos"),
      Entry<Erf>("erf"),
      Entry<Tangent>("tan"),
      Entry<Sinh>("sinh"),
      Entry<Cosh>("cosh"),
      Entry<ArcSine>("arcsin"),
      Entry<ArcCosine>("arccos"),
      Entry<ArcTangent>("arctan"),
      Entry<ArcSinh>("arcsinh"),
      Entry<ArcCosh>("arccosh"),
      Entry<ArcTanh>("arctanh"),
      Entry<Threshold>("threshold"),
      Entry<Clip>("clip"),
      Entry<Step<ToFloor>>("floor"),
      Entry<Step<ToCeil>>("ceil"),
      Entry<Step<ToNearest>>("round"),
      Entry<Step<ToZero>>("trunc"),
      Entry<Step<ToSign>>("sign"),
  };
  return kEntries;
}

}  // namespace batchwise::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace batchwise {

HWY_EXPORT(ArithmeticEntries);

const ActivationEntry* find_arithmetic_entry(std::string_view name) {
  static const std::span<const ActivationEntry> entries = HWY_DYNAMIC_DISPATCH(ArithmeticEntries)();
  for (const ActivationEntry& entry : entries)
    if (name == entry.name) return &entry;
  return nullptr;
}

}  // namespace batchwise
#endif
