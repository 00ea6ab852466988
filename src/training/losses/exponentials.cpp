// The exponentials in cross-entropies on logits, compiled for each instruction set, chosen at run time.
#include "training/losses/exponentials.h"

#include <cstring>
#include <limits>

#include "kernels/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "training/losses/exponentials.cpp"
#include <hwy/foreach_target.h>

#include "kernels/simd/vector_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace batchwise::HWY_NAMESPACE {
namespace {

constexpr int64_t kVectors = 32;  // vectors whose sum is kept in floats before it is added to a double

// The first `n` numbers, zeros behind them.
HWY_INLINE V LoadPart(F d, const float* from, size_t n) {
  HWY_ALIGN float part[hn::MaxLanes(F())] = {};
  std::memcpy(part, from, n * sizeof(float));
  return hn::Load(d, part);
}
HWY_INLINE void StorePart(F d, V v, float* to, size_t n) {
  HWY_ALIGN float part[hn::MaxLanes(F())];
  hn::Store(v, d, part);
  std::memcpy(to, part, n * sizeof(float));
}

// Calls full(i) for whole vectors and part(i, n) for the rest, and adds up the vectors that they give.
template <class Full, class Part>
HWY_INLINE double SumOver(F d, int64_t count, const Full& full, const Part& part) {
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  double sum = 0;
  for (int64_t i = 0; i < count;) {
    V acc = hn::Zero(d);
    for (int64_t k = 0; k < kVectors && i < count; ++k, i += lanes)
      acc = hn::Add(acc, i + lanes <= count ? full(i) : part(i, static_cast<size_t>(count - i)));
    sum += static_cast<double>(hn::GetLane(hn::SumOfLanes(d, acc)));
  }
  return sum;
}

// value = max(x, 0) - x t + log(1 + exp(-|x|)); slope = sigmoid(x) - t.
struct Logistic {
  V value, slope;
};
HWY_INLINE Logistic LogisticOf(F d, V t, V x) {
  const V one = C(d, 1), zero = hn::Zero(d);
  const V tail = ExpOf(d, hn::Neg(hn::Abs(x)));
  const V positive = hn::Div(one, hn::Add(one, tail));
  const V sigmoid = hn::IfThenElse(hn::Lt(x, zero), hn::Mul(tail, positive), positive);
  return {hn::Add(hn::Sub(hn::Max(x, zero), hn::Mul(x, t)), KeepNaN(x, Log1pOf(d, tail))), hn::Sub(sigmoid, t)};
}

}  // namespace

float LargestOf(const float* x, int64_t count) {
  const F d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  V most = C(d, -std::numeric_limits<float>::infinity());
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) most = hn::Max(most, hn::LoadU(d, x + i));
  if (i < count) {
    const auto inside = hn::FirstN(d, static_cast<size_t>(count - i));
    most = hn::Max(most, hn::IfThenElse(inside, LoadPart(d, x + i, static_cast<size_t>(count - i)), most));
  }
  return hn::GetLane(hn::MaxOfLanes(d, most));
}

double Exponentials(const float* x, float top, float* out, int64_t count) {
  const F d;
  const V shift = hn::Set(d, top);
  return SumOver(
      d, count,
      [&](int64_t i) HWY_ATTR {
        const V e = ExpOf(d, hn::Sub(hn::LoadU(d, x + i), shift));
        if (out) hn::StoreU(e, d, out + i);
        return e;
      },
      [&](int64_t i, size_t n) HWY_ATTR {
        const V e = hn::IfThenElseZero(hn::FirstN(d, n), ExpOf(d, hn::Sub(LoadPart(d, x + i, n), shift)));
        if (out) StorePart(d, e, out + i, n);
        return e;
      });
}

double LogisticLosses(const float* t, float keep, float shift, const float* x, float factor, float* gradient,
                      int64_t count) {
  const F d;
  const V k = hn::Set(d, keep), s = hn::Set(d, shift), f = hn::Set(d, factor);
  return SumOver(
      d, count,
      [&](int64_t i) HWY_ATTR {
        const Logistic at = LogisticOf(d, hn::MulAdd(hn::LoadU(d, t + i), k, s), hn::LoadU(d, x + i));
        if (gradient) hn::StoreU(hn::Mul(f, at.slope), d, gradient + i);
        return at.value;
      },
      [&](int64_t i, size_t n) HWY_ATTR {
        const Logistic at = LogisticOf(d, hn::MulAdd(LoadPart(d, t + i, n), k, s), LoadPart(d, x + i, n));
        if (gradient) StorePart(d, hn::Mul(f, at.slope), gradient + i, n);
        return hn::IfThenElseZero(hn::FirstN(d, n), at.value);
      });
}

}  // namespace batchwise::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace batchwise {

HWY_EXPORT(LargestOf);
HWY_EXPORT(Exponentials);
HWY_EXPORT(LogisticLosses);

float largest_of(const float* x, int64_t count) { return HWY_DYNAMIC_DISPATCH(LargestOf)(x, count); }
double exponentials(const float* x, float top, float* out, int64_t count) {
  return HWY_DYNAMIC_DISPATCH(Exponentials)(x, top, out, count);
}
double logistic_losses(const float* t, float keep, float shift, const float* x, float factor, float* gradient,
                       int64_t count) {
  return HWY_DYNAMIC_DISPATCH(LogisticLosses)(t, keep, shift, x, factor, gradient, count);
}

}  // namespace batchwise
#endif  // HWY_ONCE
