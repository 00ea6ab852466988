// Functions of one number or two, in doubles.
#include "kernels/special_functions.h"

#include <cmath>
#include <limits>
#include <numbers>

namespace batchwise {
namespace {

using P = ActivationParameters;

struct Erfc {
  static double value(const P&, double x) { return std::erfc(x); }
  static double slope(const P&, double x) { return -2 * std::numbers::inv_sqrtpi * std::exp(-x * x); }
};
struct InverseErf {
  // A start that is good to a few digits (Winitzki), and Newton's steps.
  static double value(const P&, double x) {
    if (std::fabs(x) >= 1)
      return std::fabs(x) == 1 ? std::copysign(std::numeric_limits<double>::infinity(), x)
                               : std::numeric_limits<double>::quiet_NaN();
    const double logarithm = std::log1p(-x * x), half = 2 / (std::numbers::pi * 0.147) + logarithm / 2;
    double y = std::copysign(std::sqrt(std::sqrt(half * half - logarithm / 0.147) - half), x);
    for (int step = 0; step < 4; ++step) {
      const double over = x > 0 ? (1 - x) - std::erfc(y) : std::erfc(-y) - (1 + x);  // erf(y) - x, to all digits
      y -= over / (2 * std::numbers::inv_sqrtpi * std::exp(-y * y));
    }
    return y;
  }
  static double slope(const P& p, double x) {
    const double y = value(p, x);
    return std::exp(y * y) / (2 * std::numbers::inv_sqrtpi);
  }
};
struct CubeRoot {
  static double value(const P&, double x) { return std::cbrt(x); }
  static double slope(const P&, double x) {
    const double y = std::cbrt(x);
    return 1 / (3 * y * y);
  }
};
struct PowerOfTwo {
  static double value(const P&, double x) { return std::exp2(x); }
  static double slope(const P&, double x) { return std::numbers::ln2 * std::exp2(x); }
};
struct Sinc {
  static double value(const P&, double x) {
    const double angle = std::numbers::pi * x;
    return x == 0 ? 1 : std::sin(angle) / angle;
  }
  static double slope(const P&, double x) {
    const double angle = std::numbers::pi * x;
    if (std::fabs(x) < 1e-4) return -angle * std::numbers::pi / 3;  // where the difference would lose all digits
    return (std::cos(angle) - std::sin(angle) / angle) / x;
  }
};
// The modified Bessel function of order 0, by its series; its slope is that of order 1.
struct BesselI0 {
  static double series(double x, int order) {
    const double quarter = x * x / 4;
    double term = 1, sum = 1;
    for (int k = 1; k < 500 && term > 1e-17 * sum; ++k) {
      term *= quarter / (static_cast<double>(k) * (k + order));
      sum += term;
    }
    return sum;
  }
  static double value(const P&, double x) { return std::isnan(x) ? x : series(x, 0); }
  static double slope(const P&, double x) { return std::isnan(x) ? x : x / 2 * series(x, 1); }
};
struct Angle {  // of a real number as a complex one
  static double value(const P&, double x) { return std::isnan(x) ? x : x < 0 ? std::numbers::pi : 0; }
  static double slope(const P&, double) { return 0; }
};
struct NanToNumber {
  static double value(const P& p, double x) { return std::isnan(x) ? p.a : std::isfinite(x) ? x : x > 0 ? p.b : p.c; }
  static double slope(const P&, double x) { return std::isfinite(x) ? 1 : 0; }
};
struct RoundTo {
  static double value(const P& p, double x) { return std::nearbyint(static_cast<float>(x) * p.a) / p.a; }
  static double slope(const P&, double) { return 0; }
};

template <class Function>
void forward(const P& p, const float* x, float* y, int64_t count) {
  for (int64_t i = 0; i < count; ++i) y[i] = static_cast<float>(Function::value(p, static_cast<double>(x[i])));
}
template <class Function>
void backward(const P& p, const float* dy, const float* x, float* dx, int64_t count) {
  for (int64_t i = 0; i < count; ++i)
    dx[i] = static_cast<float>(static_cast<double>(dy[i]) * Function::slope(p, static_cast<double>(x[i])));
}
template <class Function>
constexpr ActivationEntry of(const char* name) {
  return {name, &forward<Function>, &backward<Function>, false};
}

constexpr ActivationEntry kEntries[] = {
    of<Erfc>("erfc"),   of<InverseErf>("erfinv"), of<CubeRoot>("cbrt"),          of<PowerOfTwo>("exp2"),
    of<Sinc>("sinc"),   of<BesselI0>("i0"),       of<NanToNumber>("nan_to_num"), of<RoundTo>("round_to"),
    of<Angle>("angle"),
};

// Functions of two numbers; along_a and along_b are their slopes.
struct Remainder {  // with the sign of a
  static double value(double a, double b) { return std::fmod(a, b); }
  static double along_a(double, double) { return 1; }
  static double along_b(double a, double b) { return -std::trunc(a / b); }
};
// What is not a number stands back.
struct LargerNumber {
  static double value(double a, double b) { return std::fmax(a, b); }
  static bool first(double a, double b) { return std::isnan(b) || a >= b; }
  static double along_a(double a, double b) { return first(a, b) ? 1 : 0; }
  static double along_b(double a, double b) { return first(a, b) ? 0 : 1; }
};
struct SmallerNumber {
  static double value(double a, double b) { return std::fmin(a, b); }
  static bool first(double a, double b) { return std::isnan(b) || a <= b; }
  static double along_a(double a, double b) { return first(a, b) ? 1 : 0; }
  static double along_b(double a, double b) { return first(a, b) ? 0 : 1; }
};
struct LogAddExp2 {
  static double value(double a, double b) {
    if (std::isnan(a - b)) return a + b;
    return std::fmax(a, b) + std::log1p(std::exp2(-std::fabs(a - b))) / std::numbers::ln2;
  }
  static double along_a(double a, double b) { return 1 / (1 + std::exp2(b - a)); }
  static double along_b(double a, double b) { return 1 / (1 + std::exp2(a - b)); }
};
struct Heaviside {  // b says what a step is at 0
  static double value(double a, double b) { return a < 0 ? 0 : a > 0 ? 1 : b; }
  static double along_a(double, double) { return 0; }
  static double along_b(double a, double) { return a < 0 || a > 0 ? 0 : 1; }
};
struct TimesPowerOfTwo {
  static double value(double a, double b) { return a == 0 || std::isinf(a) ? a : a * std::exp2(b); }
  static double along_a(double a, double b) { return a == 0 || std::isinf(a) ? 1 : std::exp2(b); }
  static double along_b(double a, double b) {
    return a == 0 || std::isinf(a) ? 0 : a * std::exp2(b) * std::numbers::ln2;
  }
};
struct NextNumber {
  static double value(double a, double b) { return std::nextafter(static_cast<float>(a), static_cast<float>(b)); }
  static double along_a(double, double) { return 1; }
  static double along_b(double, double) { return 0; }
};

template <class Function>
void forward_of_two(BinaryOperand a, BinaryOperand b, float* y, int64_t count) {
  for (int64_t i = 0; i < count; ++i)
    y[i] = static_cast<float>(
        Function::value(static_cast<double>(a.values[i * a.step]), static_cast<double>(b.values[i * b.step])));
}
template <double (*kSlope)(double, double)>
void backward_of_two(const float* dy, BinaryOperand a, BinaryOperand b, float* dx, int64_t count) {
  for (int64_t i = 0; i < count; ++i)
    dx[i] = static_cast<float>(static_cast<double>(dy[i]) * kSlope(static_cast<double>(a.values[i * a.step]),
                                                                   static_cast<double>(b.values[i * b.step])));
}
template <class Function>
constexpr BinaryEntry of_two(const char* name) {
  return {name,
          &forward_of_two<Function>,
          &backward_of_two<&Function::along_a>,
          &backward_of_two<&Function::along_b>,
          false,
          false};
}

constexpr BinaryEntry kBinaryEntries[] = {
    of_two<Remainder>("fmod"),        of_two<LargerNumber>("fmax"),   of_two<SmallerNumber>("fmin"),
    of_two<LogAddExp2>("logaddexp2"), of_two<Heaviside>("heaviside"), of_two<TimesPowerOfTwo>("ldexp"),
    of_two<NextNumber>("nextafter"),
};

}  // namespace

const ActivationEntry* find_special_entry(std::string_view name) {
  for (const ActivationEntry& entry : kEntries)
    if (name == entry.name) return &entry;
  return nullptr;
}

const BinaryEntry* find_special_binary_entry(std::string_view name) {
  for (const BinaryEntry& entry : kBinaryEntries)
    if (name == entry.name) return &entry;
  return nullptr;
}

}  // namespace batchwise
