// Functions of two numbers compiled for each instruction set, chosen at run time.
#include "kernels/simd/binary_table.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <span>

#include "kernels/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/binary_table.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace batchwise::HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;
using F = hn::ScalableTag<float>;
using V = hn::Vec<F>;

// The last elements go through a whole vector too: the same arithmetic whatever the position.
HWY_INLINE V LoadPart(F d, BinaryOperand operand, int64_t i, int64_t count) {
  if (operand.step == 0) return hn::Set(d, *operand.values);
  if (count >= static_cast<int64_t>(hn::Lanes(d))) return hn::LoadU(d, operand.values + i);
  HWY_ALIGN float tail[hn::MaxLanes(F())] = {};
  std::memcpy(tail, operand.values + i, static_cast<size_t>(count) * sizeof(float));
  return hn::Load(d, tail);
}

template <class Body>
HWY_INLINE void Run(BinaryOperand a, BinaryOperand b, BinaryOperand c, float* y, int64_t count, Body body) {
  const F d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t i = 0; i < count; i += lanes) {
    const int64_t left = count - i;
    const V result = body(d, LoadPart(d, a, i, left), LoadPart(d, b, i, left), LoadPart(d, c, i, left));
    if (left >= lanes) {
      hn::StoreU(result, d, y + i);
      continue;
    }
    HWY_ALIGN float tail[hn::MaxLanes(F())];
    hn::Store(result, d, tail);
    std::memcpy(y + i, tail, static_cast<size_t>(left) * sizeof(float));
  }
}

// Each has Forward(d, a, b) and what the gradient becomes along a and along b.
struct Add {
  static constexpr bool kLinear = true, kZeroAtZero = true;
  static V Forward(F, V a, V b) { return hn::Add(a, b); }
  static V AlongA(F, V g, V, V) { return g; }
  static V AlongB(F, V g, V, V) { return g; }
};
struct Subtract {
  static constexpr bool kLinear = true, kZeroAtZero = true;
  static V Forward(F, V a, V b) { return hn::Sub(a, b); }
  static V AlongA(F, V g, V, V) { return g; }
  static V AlongB(F, V g, V, V) { return hn::Neg(g); }
};
struct Multiply {
  static constexpr bool kLinear = false, kZeroAtZero = true;
  static V Forward(F, V a, V b) { return hn::Mul(a, b); }
  static V AlongA(F, V g, V, V b) { return hn::Mul(g, b); }
  static V AlongB(F, V g, V a, V) { return hn::Mul(g, a); }
};
struct Divide {
  static constexpr bool kLinear = false, kZeroAtZero = false;
  static V Forward(F, V a, V b) { return hn::Div(a, b); }
  static V AlongA(F, V g, V, V b) { return hn::Div(g, b); }
  static V AlongB(F, V g, V a, V b) { return hn::Mul(g, hn::Neg(hn::Div(hn::Div(a, b), b))); }
};
// Where both are equal, the first has the gradient.
struct Maximum {
  static constexpr bool kLinear = false, kZeroAtZero = true;
  static V Forward(F, V a, V b) { return hn::IfThenElse(hn::IsNaN(a), a, hn::IfThenElse(hn::Ge(a, b), a, b)); }
  static V AlongA(F, V g, V a, V b) { return hn::IfThenElseZero(hn::Ge(a, b), g); }
  static V AlongB(F, V g, V a, V b) { return hn::IfThenZeroElse(hn::Ge(a, b), g); }
};
struct Minimum {
  static constexpr bool kLinear = false, kZeroAtZero = true;
  static V Forward(F, V a, V b) { return hn::IfThenElse(hn::IsNaN(a), a, hn::IfThenElse(hn::Le(a, b), a, b)); }
  static V AlongA(F, V g, V a, V b) { return hn::IfThenElseZero(hn::Le(a, b), g); }
  static V AlongB(F, V g, V a, V b) { return hn::IfThenZeroElse(hn::Le(a, b), g); }
};

struct FloorDivide {
  static constexpr bool kLinear = true, kZeroAtZero = false;
  static V Forward(F, V a, V b) { return hn::Floor(hn::Div(a, b)); }
  static V AlongA(F d, V, V, V) { return hn::Zero(d); }
  static V AlongB(F d, V, V, V) { return hn::Zero(d); }
};
// 0 where nothing can be divided by.
struct DivideOrZero {
  static constexpr bool kLinear = false, kZeroAtZero = true;
  static V Of(F d, V a, V b) { return hn::IfThenElseZero(hn::Ne(b, hn::Zero(d)), hn::Div(a, b)); }
  static V Forward(F d, V a, V b) { return Of(d, a, b); }
  static V AlongA(F d, V g, V, V b) { return Of(d, g, b); }
  static V AlongB(F d, V g, V a, V b) { return hn::Mul(g, hn::Neg(Of(d, Of(d, a, b), b))); }
};
struct Hypotenuse {
  static constexpr bool kLinear = false, kZeroAtZero = true;
  static V Forward(F d, V a, V b) {  // what is larger is divided by: squares could overflow
    const V large = hn::Max(hn::Abs(a), hn::Abs(b)), small = hn::Min(hn::Abs(a), hn::Abs(b));
    const V ratio = DivideOrZero::Of(d, small, large);
    return hn::Mul(large, hn::Sqrt(hn::MulAdd(ratio, ratio, hn::Set(d, 1.0f))));
  }
  static V AlongA(F d, V g, V a, V b) { return hn::Mul(g, DivideOrZero::Of(d, a, Forward(d, a, b))); }
  static V AlongB(F d, V g, V a, V b) { return hn::Mul(g, DivideOrZero::Of(d, b, Forward(d, a, b))); }
};

template <class Function>
void Forward(BinaryOperand a, BinaryOperand b, float* y, int64_t count) {
  Run(a, b, {a.values, 0}, y, count, [](F d, V u, V v, V) HWY_ATTR { return Function::Forward(d, u, v); });
}
template <class Function>
void BackwardA(const float* dy, BinaryOperand a, BinaryOperand b, float* da, int64_t count) {
  if (Function::kLinear) a = b = {dy, 0};
  Run({dy, 1}, a, b, da, count, [](F d, V g, V u, V v) HWY_ATTR { return Function::AlongA(d, g, u, v); });
}
template <class Function>
void BackwardB(const float* dy, BinaryOperand a, BinaryOperand b, float* db, int64_t count) {
  if (Function::kLinear) a = b = {dy, 0};
  Run({dy, 1}, a, b, db, count, [](F d, V g, V u, V v) HWY_ATTR { return Function::AlongB(d, g, u, v); });
}

// pow of the C library: exact where exp(b * log(a)) would lose digits.
void PowerForward(BinaryOperand a, BinaryOperand b, float* y, int64_t count) {
  for (int64_t i = 0; i < count; ++i) y[i] = std::pow(a.values[i * a.step], b.values[i * b.step]);
}
void PowerBackwardA(const float* dy, BinaryOperand a, BinaryOperand b, float* da, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    const float exponent = b.values[i * b.step];
    da[i] = exponent == 0 ? 0 : dy[i] * exponent * std::pow(a.values[i * a.step], exponent - 1);
  }
}
void PowerBackwardB(const float* dy, BinaryOperand a, BinaryOperand b, float* db, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    const float base = a.values[i * a.step];
    db[i] = base > 0 ? dy[i] * std::pow(base, b.values[i * b.step]) * std::log(base) : 0;
  }
}

// What is left of a when b was taken as often as it fits, with the sign of b.
void ModForward(BinaryOperand a, BinaryOperand b, float* y, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    const float by = b.values[i * b.step], left = std::fmod(a.values[i * a.step], by);
    y[i] = left != 0 && (left < 0) != (by < 0) ? left + by : left;
  }
}
void ModBackwardA(const float* dy, BinaryOperand, BinaryOperand, float* da, int64_t count) {
  std::memmove(da, dy, static_cast<size_t>(count) * sizeof(float));
}
void ModBackwardB(const float* dy, BinaryOperand a, BinaryOperand b, float* db, int64_t count) {
  for (int64_t i = 0; i < count; ++i) db[i] = -dy[i] * std::floor(a.values[i * a.step] / b.values[i * b.step]);
}

// log(exp(a) + exp(b)); the slopes are the two shares.
float ShareOf(float a, float b) { return 1 / (1 + std::exp(b - a)); }
void LogAddExpForward(BinaryOperand a, BinaryOperand b, float* y, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    const float u = a.values[i * a.step], v = b.values[i * b.step];
    y[i] = u == v ? u + 0.6931472f : std::max(u, v) + std::log1p(std::exp(-std::fabs(u - v)));
  }
}
void LogAddExpBackwardA(const float* dy, BinaryOperand a, BinaryOperand b, float* da, int64_t count) {
  for (int64_t i = 0; i < count; ++i) da[i] = dy[i] * ShareOf(a.values[i * a.step], b.values[i * b.step]);
}
void LogAddExpBackwardB(const float* dy, BinaryOperand a, BinaryOperand b, float* db, int64_t count) {
  for (int64_t i = 0; i < count; ++i) db[i] = dy[i] * ShareOf(b.values[i * b.step], a.values[i * a.step]);
}

// The angle of the point (b, a).
void AngleForward(BinaryOperand a, BinaryOperand b, float* y, int64_t count) {
  for (int64_t i = 0; i < count; ++i) y[i] = std::atan2(a.values[i * a.step], b.values[i * b.step]);
}
void AngleBackwardA(const float* dy, BinaryOperand a, BinaryOperand b, float* da, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    const float u = a.values[i * a.step], v = b.values[i * b.step];
    da[i] = dy[i] * (v / (u * u + v * v));
  }
}
void AngleBackwardB(const float* dy, BinaryOperand a, BinaryOperand b, float* db, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    const float u = a.values[i * a.step], v = b.values[i * b.step];
    db[i] = dy[i] * (-u / (u * u + v * v));
  }
}

template <class Function>
constexpr BinaryEntry Entry(const char* name) {
  return {
      name, &Forward<Function>, &BackwardA<Function>, &BackwardB<Function>, Function::kLinear, Function::kZeroAtZero};
}

}  // namespace

std::span<const BinaryEntry> BinaryEntries() {
  static constexpr BinaryEntry kEntries[] = {
      Entry<Add>("add"),
      Entry<Subtract>("subtract"),
      Entry<Multiply>("multiply"),
      Entry<Divide>("divide"),
      Entry<Maximum>("maximum"),
      Entry<Minimum>("minimum"),
      {"power", &PowerForward, &PowerBackwardA, &PowerBackwardB, false, false},
      Entry<FloorDivide>("floor_divide"),
      Entry<DivideOrZero>("divide_no_nan"),
      Entry<Hypotenuse>("hypot"),
      {"mod", &ModForward, &ModBackwardA, &ModBackwardB, false, false},
      {"logaddexp", &LogAddExpForward, &LogAddExpBackwardA, &LogAddExpBackwardB, false, false},
      {"arctan2", &AngleForward, &AngleBackwardA, &AngleBackwardB, false, false},
  };
  return kEntries;
}

float SumElements(const float* values, int64_t count) {
  const F d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  V sum = hn::Zero(d);
  for (int64_t i = 0; i < count; i += lanes) sum = hn::Add(sum, LoadPart(d, {values, 1}, i, count - i));
  return hn::GetLane(hn::SumOfLanes(d, sum));
}

}  // namespace batchwise::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace batchwise {

HWY_EXPORT(BinaryEntries);
HWY_EXPORT(SumElements);

const BinaryEntry* find_binary_entry(std::string_view name) {
  static const std::span<const BinaryEntry> entries = HWY_DYNAMIC_DISPATCH(BinaryEntries)();
  for (const BinaryEntry& entry : entries)
    if (name == entry.name) return &entry;
  return nullptr;
}

float sum_elements(const float* values, int64_t count) { return HWY_DYNAMIC_DISPATCH(SumElements)(values, count); }

}  // namespace batchwise
#endif
