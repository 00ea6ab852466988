// Keras's elementwise activations on vectors: f(x), and the gradient of x from that of f(x).
// Included once per target: toggled guard.
#if defined(BATCHWISE_SIMD_ACTIVATION_FUNCTIONS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef BATCHWISE_SIMD_ACTIVATION_FUNCTIONS_INL_H_
#undef BATCHWISE_SIMD_ACTIVATION_FUNCTIONS_INL_H_
#else
#define BATCHWISE_SIMD_ACTIVATION_FUNCTIONS_INL_H_
#endif

#include "kernels/simd/activation_table.h"
#include "kernels/simd/vector_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace batchwise::HWY_NAMESPACE {

using P = ActivationParameters;

// Each has `Forward(d, p, x)` and `Slope(d, p, v)`: f' at x, given x or, where kFromOutput, f(x).

HWY_INLINE V Zeros(F d) { return hn::Zero(d); }
HWY_INLINE V Where(F d, hn::Mask<F> condition, double yes, double no) {
  return hn::IfThenElse(condition, C(d, yes), C(d, no));
}

struct Relu {
  static constexpr bool kFromOutput = true;
  static V Forward(F d, const P&, V x) { return hn::Max(Zeros(d), x); }  // in this order NaN stays
  static V Slope(F d, const P&, V y) { return Where(d, hn::Gt(y, Zeros(d)), 1, 0); }
};

struct Relu6 {
  static constexpr bool kFromOutput = true;
  static V Forward(F d, const P&, V x) { return hn::Min(C(d, 6), hn::Max(Zeros(d), x)); }
  static V Slope(F d, const P&, V y) { return Where(d, hn::And(hn::Gt(y, Zeros(d)), hn::Lt(y, C(d, 6))), 1, 0); }
};

// a: negative_slope >= 0.
struct LeakyRelu {
  static constexpr bool kFromOutput = true;
  static V Forward(F d, const P& p, V x) { return hn::IfThenElse(hn::Lt(x, Zeros(d)), hn::Mul(x, C(d, p.a)), x); }
  static V Slope(F d, const P& p, V y) { return Where(d, hn::Gt(y, Zeros(d)), 1, p.a); }
};

// a: negative_slope, b: max_value, c: threshold.
struct BoundedRelu {
  static constexpr bool kFromOutput = false;
  static V Forward(F d, const P& p, V x) {
    const V low = hn::Mul(hn::Sub(x, C(d, p.c)), C(d, p.a));
    return KeepNaN(x, hn::IfThenElse(hn::Gt(x, C(d, p.c)), hn::Min(x, C(d, p.b)), low));
  }
  static V Slope(F d, const P& p, V x) {
    const V above = Where(d, hn::Lt(x, C(d, p.b)), 1, 0);
    return hn::IfThenElse(hn::Gt(x, C(d, p.c)), above, Where(d, hn::Lt(x, C(d, p.c)), p.a, 0));
  }
};

// a: alpha >= 0.
struct Elu {
  static constexpr bool kFromOutput = true;
  static V Forward(F d, const P& p, V x) {
    return hn::IfThenElse(hn::Gt(x, Zeros(d)), x, hn::Mul(C(d, p.a), Expm1Of(d, x)));
  }
  static V Slope(F d, const P& p, V y) { return hn::IfThenElse(hn::Gt(y, Zeros(d)), C(d, 1), hn::Add(y, C(d, p.a))); }
};

struct Selu {
  static constexpr bool kFromOutput = true;
  static constexpr double kScale = 1.05070098735548, kAlpha = 1.67326324235438;
  static V Forward(F d, const P&, V x) {
    return hn::IfThenElse(hn::Gt(x, Zeros(d)), hn::Mul(C(d, kScale), x), hn::Mul(C(d, kScale * kAlpha), Expm1Of(d, x)));
  }
  static V Slope(F d, const P&, V y) {
    return hn::IfThenElse(hn::Lt(y, Zeros(d)), hn::Add(y, C(d, kScale * kAlpha)), C(d, kScale));
  }
};

// a: alpha > 0.
struct Celu {
  static constexpr bool kFromOutput = true;
  static V Forward(F d, const P& p, V x) {
    return hn::IfThenElse(hn::Gt(x, Zeros(d)), x, hn::Mul(C(d, p.a), Expm1Of(d, hn::Div(x, C(d, p.a)))));
  }
  static V Slope(F d, const P& p, V y) {
    return hn::IfThenElse(hn::Gt(y, Zeros(d)), C(d, 1), hn::Add(hn::Div(y, C(d, p.a)), C(d, 1)));
  }
};

struct Exponential {
  static constexpr bool kFromOutput = true;
  static V Forward(F d, const P&, V x) { return ExpOf(d, x); }
  static V Slope(F, const P&, V y) { return y; }
};

struct SigmoidFunction {
  static constexpr bool kFromOutput = true;
  static V Forward(F d, const P&, V x) { return Sigmoid(d, x); }
  static V Slope(F d, const P&, V y) { return hn::Mul(y, hn::Sub(C(d, 1), y)); }
};

struct LogSigmoid {
  static constexpr bool kFromOutput = true;
  static V Forward(F d, const P&, V x) { return hn::Neg(Softplus(d, hn::Neg(x))); }
  static V Slope(F d, const P&, V y) { return hn::Neg(Expm1Of(d, y)); }
};

struct HardSigmoid {
  static constexpr bool kFromOutput = false;
  static V Forward(F d, const P&, V x) {
    return hn::Mul(hn::Min(C(d, 6), hn::Max(Zeros(d), hn::Add(x, C(d, 3)))), C(d, 1.0 / 6));
  }
  static V Slope(F d, const P&, V x) { return Where(d, hn::And(hn::Gt(x, C(d, -3)), hn::Lt(x, C(d, 3))), 1.0 / 6, 0); }
};

struct Silu {
  static constexpr bool kFromOutput = false;
  static V Forward(F d, const P&, V x) { return hn::Mul(x, Sigmoid(d, x)); }
  static V Slope(F d, const P&, V x) {
    const V s = Sigmoid(d, x);
    return hn::MulAdd(hn::Mul(x, s), hn::Sub(C(d, 1), s), s);
  }
};

struct HardSilu {
  static constexpr bool kFromOutput = false;
  static V Forward(F d, const P& p, V x) { return hn::Mul(x, HardSigmoid::Forward(d, p, x)); }
  static V Slope(F d, const P& p, V x) {
    return hn::MulAdd(x, HardSigmoid::Slope(d, p, x), HardSigmoid::Forward(d, p, x));
  }
};

struct TanhFunction {
  static constexpr bool kFromOutput = true;
  static V Forward(F d, const P&, V x) { return TanhOf(d, x); }
  static V Slope(F d, const P&, V y) { return hn::Mul(hn::Sub(C(d, 1), y), hn::Add(C(d, 1), y)); }
};

struct HardTanh {
  static constexpr bool kFromOutput = false;
  static V Forward(F d, const P&, V x) { return hn::Min(C(d, 1), hn::Max(C(d, -1), x)); }
  static V Slope(F d, const P&, V x) { return Where(d, hn::And(hn::Ge(x, C(d, -1)), hn::Le(x, C(d, 1))), 1, 0); }
};

struct TanhShrink {
  static constexpr bool kFromOutput = false;
  static V Forward(F d, const P&, V x) { return hn::Sub(x, TanhOf(d, x)); }
  static V Slope(F d, const P&, V x) {
    const V t = TanhOf(d, x);
    return hn::Mul(t, t);
  }
};

struct SoftplusFunction {
  static constexpr bool kFromOutput = true;
  static V Forward(F d, const P&, V x) { return Softplus(d, x); }
  static V Slope(F d, const P&, V y) { return hn::Neg(Expm1Of(d, hn::Neg(y))); }
};

struct Softsign {
  static constexpr bool kFromOutput = true;
  static V Forward(F d, const P&, V x) { return hn::Div(x, hn::Add(C(d, 1), hn::Abs(x))); }
  static V Slope(F d, const P&, V y) {
    const V rest = hn::Sub(C(d, 1), hn::Abs(y));
    return hn::Mul(rest, rest);
  }
};

// a: threshold.
struct HardShrink {
  static constexpr bool kFromOutput = false;
  static V Forward(F d, const P& p, V x) { return hn::IfThenElse(hn::Le(hn::Abs(x), C(d, p.a)), Zeros(d), x); }
  static V Slope(F d, const P& p, V x) { return Where(d, hn::Gt(hn::Abs(x), C(d, p.a)), 1, 0); }
};

struct SoftShrink {
  static constexpr bool kFromOutput = false;
  static V Forward(F d, const P& p, V x) {
    const V above = hn::Max(Zeros(d), hn::Sub(x, C(d, p.a))), below = hn::Max(Zeros(d), hn::Sub(hn::Neg(x), C(d, p.a)));
    return hn::Sub(above, below);
  }
  static V Slope(F d, const P& p, V x) { return Where(d, hn::Gt(hn::Abs(x), C(d, p.a)), 1, 0); }
};

struct Gelu {
  static constexpr bool kFromOutput = false;
  static V Forward(F d, const P&, V x) {
    V gauss;
    return hn::Mul(x, NormalCdf(d, x, gauss));
  }
  static V Slope(F d, const P&, V x) {
    V gauss;
    const V cdf = NormalCdf(d, x, gauss);
    return hn::MulAdd(hn::Mul(x, C(d, 0.39894228040143268)), gauss, cdf);
  }
};

struct GeluTanh {
  static constexpr bool kFromOutput = false;
  static constexpr double kRoot = 0.79788456080286536, kCube = 0.044715;  // sqrt(2 / pi)
  static V Inner(F d, V x) { return hn::Mul(hn::Mul(C(d, kRoot), x), hn::MulAdd(hn::Mul(x, x), C(d, kCube), C(d, 1))); }
  static V Forward(F d, const P&, V x) { return hn::Mul(x, Sigmoid(d, hn::Add(Inner(d, x), Inner(d, x)))); }
  static V Slope(F d, const P&, V x) {
    const V s = Sigmoid(d, hn::Add(Inner(d, x), Inner(d, x)));
    const V inner_slope = hn::Mul(C(d, 2 * kRoot), hn::MulAdd(hn::Mul(x, x), C(d, 3 * kCube), C(d, 1)));
    return hn::MulAdd(hn::Mul(hn::Mul(x, s), hn::Sub(C(d, 1), s)), inner_slope, s);
  }
};

// tanh(log(1 + w)) = n / (n + 2) with w = exp(x), n = w^2 + 2w; 1 from x = 20 on.
struct Mish {
  static constexpr bool kFromOutput = false;
  static V N(F d, V x) {
    const V w = ExpOf(d, hn::Min(C(d, 20), x));
    return hn::Mul(w, hn::Add(w, C(d, 2)));
  }
  static V Forward(F d, const P&, V x) {
    const V n = N(d, x);
    return hn::Mul(x, hn::Div(n, hn::Add(n, C(d, 2))));
  }
  static V Slope(F d, const P&, V x) {
    const V n = N(d, x), two = hn::Add(n, C(d, 2));
    const V t = hn::Div(n, two);
    const V rest = hn::Div(hn::Mul(C(d, 4), hn::Add(n, C(d, 1))), hn::Mul(two, two));  // 1 - t^2
    return hn::MulAdd(hn::Mul(x, Sigmoid(d, x)), rest, t);
  }
};

struct SparsePlus {
  static constexpr bool kFromOutput = false;
  static V Forward(F d, const P&, V x) {
    const V up = hn::Add(x, C(d, 1));
    const V middle = hn::Mul(C(d, 0.25), hn::Mul(up, up));
    return hn::IfThenElse(hn::Le(x, C(d, -1)), Zeros(d), hn::IfThenElse(hn::Lt(x, C(d, 1)), middle, x));
  }
  static V Slope(F d, const P&, V x) {
    return hn::Min(C(d, 1), hn::Max(Zeros(d), hn::Mul(C(d, 0.5), hn::Add(x, C(d, 1)))));
  }
};

struct SparseSigmoid {
  static constexpr bool kFromOutput = false;
  static V Forward(F d, const P&, V x) {
    return hn::Min(C(d, 1), hn::Max(Zeros(d), hn::Mul(C(d, 0.5), hn::Add(x, C(d, 1)))));
  }
  static V Slope(F d, const P&, V x) { return Where(d, hn::Lt(hn::Abs(x), C(d, 1)), 0.5, 0); }
};

// a: b of Keras.
struct Squareplus {
  static constexpr bool kFromOutput = false;
  static V Forward(F d, const P& p, V x) {
    return hn::Mul(C(d, 0.5), hn::Add(x, hn::Sqrt(hn::MulAdd(x, x, C(d, p.a)))));
  }
  static V Slope(F d, const P& p, V x) {
    return hn::Mul(C(d, 0.5), hn::Add(C(d, 1), hn::Div(x, hn::Sqrt(hn::MulAdd(x, x, C(d, p.a))))));
  }
};

}  // namespace batchwise::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
