// Softmax and log-softmax of rows, compiled for each instruction set, chosen at run time.
#include "kernels/simd/row_functions.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include "kernels/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/row_functions.cpp"
#include <hwy/foreach_target.h>

#include "kernels/simd/vector_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace batchwise::HWY_NAMESPACE {
namespace {

// The last vector of a row: elements beyond the end are `otherwise`, and are not written.
HWY_INLINE V LoadPart(F d, const float* from, int64_t count, float otherwise) {
  const auto there = hn::FirstN(d, static_cast<size_t>(count));
  const V part = hn::MaskedLoad(there, d, from);
  return otherwise == 0 ? part : hn::IfThenElse(there, part, hn::Set(d, otherwise));
}

HWY_INLINE void StorePart(F d, V v, float* to, int64_t count) {
  hn::BlendedStore(v, hn::FirstN(d, static_cast<size_t>(count)), d, to);
}

// Folds body(acc, a[i], b[i]) over the row; beyond the end a is `padding` and b is 0.
template <class Body>
HWY_INLINE V Fold(F d, const float* a, const float* b, int64_t length, V start, float padding, Body body) {
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  V acc = start;
  int64_t i = 0;
  for (; i + lanes <= length; i += lanes) acc = body(acc, hn::LoadU(d, a + i), hn::LoadU(d, b + i));
  if (i < length) acc = body(acc, LoadPart(d, a + i, length - i, padding), LoadPart(d, b + i, length - i, 0));
  return acc;
}

template <class Body>
HWY_INLINE void Each(F d, const float* a, const float* b, float* out, int64_t length, Body body) {
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + lanes <= length; i += lanes) hn::StoreU(body(hn::LoadU(d, a + i), hn::LoadU(d, b + i)), d, out + i);
  if (i < length)
    StorePart(d, body(LoadPart(d, a + i, length - i, 0), LoadPart(d, b + i, length - i, 0)), out + i, length - i);
}

// Four at a time: one would wait for the other. The order changes nothing.
HWY_INLINE V Largest(F d, const float* x, int64_t length) {
  constexpr float kLowest = -std::numeric_limits<float>::infinity();
  const auto larger = [](V acc, V v, V) HWY_ATTR { return hn::Max(acc, v); };
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  V a = C(d, kLowest), b = a, c = a, e = a;
  int64_t i = 0;
  for (; i + 4 * lanes <= length; i += 4 * lanes) {
    a = hn::Max(a, hn::LoadU(d, x + i));
    b = hn::Max(b, hn::LoadU(d, x + i + lanes));
    c = hn::Max(c, hn::LoadU(d, x + i + 2 * lanes));
    e = hn::Max(e, hn::LoadU(d, x + i + 3 * lanes));
  }
  a = hn::Max(hn::Max(a, b), hn::Max(c, e));
  return hn::MaxOfLanes(d, Fold(d, x + i, x + i, length - i, a, kLowest, larger));
}

HWY_INLINE V SumOfProducts(F d, const float* a, const float* b, int64_t length) {
  return hn::SumOfLanes(
      d, Fold(d, a, b, length, hn::Zero(d), 0, [](V acc, V u, V v) HWY_ATTR { return hn::MulAdd(u, v, acc); }));
}

HWY_INLINE V SumOf(F d, const float* a, int64_t length) {
  return hn::SumOfLanes(d,
                        Fold(d, a, a, length, hn::Zero(d), 0, [](V acc, V v, V) HWY_ATTR { return hn::Add(acc, v); }));
}

void SoftmaxForward(const float* x, float* y, float*, int64_t length) {
  const F d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  const V top = Largest(d, x, length);
  V sum = hn::Zero(d);
  int64_t i = 0;
  for (; i + lanes <= length; i += lanes) {
    const V e = ExpOf(d, hn::Sub(hn::LoadU(d, x + i), top));
    sum = hn::Add(sum, e);
    hn::StoreU(e, d, y + i);
  }
  if (i < length) {
    const V e = ExpOf(d, hn::Sub(LoadPart(d, x + i, length - i, 0), top));
    sum = hn::Add(sum, hn::IfThenElseZero(hn::FirstN(d, static_cast<size_t>(length - i)), e));
    StorePart(d, e, y + i, length - i);
  }
  const V share = hn::Div(C(d, 1), hn::SumOfLanes(d, sum));
  Each(d, y, y, y, length, [&](V v, V) HWY_ATTR { return hn::Mul(v, share); });
}

void SoftmaxBackward(const float* dy, const float* y, float* dx, int64_t length) {
  const F d;
  const V dot = SumOfProducts(d, dy, y, length);
  Each(d, dy, y, dx, length, [&](V g, V v) HWY_ATTR { return hn::Mul(v, hn::Sub(g, dot)); });
}

void LogSoftmaxForward(const float* x, float* y, float* work, int64_t length) {
  const F d;
  const V top = Largest(d, x, length);
  Each(d, x, x, work, length, [&](V v, V) HWY_ATTR { return ExpOf(d, hn::Sub(v, top)); });
  const V log_sum = C(d, std::log(hn::GetLane(SumOf(d, work, length))));
  Each(d, x, x, y, length, [&](V v, V) HWY_ATTR { return hn::Sub(hn::Sub(v, top), log_sum); });
}

void LogSoftmaxBackward(const float* dy, const float* y, float* dx, int64_t length) {
  const F d;
  const V sum = SumOf(d, dy, length);
  Each(d, dy, y, dx, length, [&](V g, V v) HWY_ATTR { return hn::NegMulAdd(ExpOf(d, v), sum, g); });
}

}  // namespace

std::span<const RowFunction> RowFunctions() {
  static constexpr RowFunction kFunctions[] = {
      {"softmax", &SoftmaxForward, &SoftmaxBackward},
      {"log_softmax", &LogSoftmaxForward, &LogSoftmaxBackward},
  };
  return kFunctions;
}

}  // namespace batchwise::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace batchwise {

HWY_EXPORT(RowFunctions);

const RowFunction* find_row_function(std::string_view name) {
  for (const RowFunction& function : HWY_DYNAMIC_DISPATCH(RowFunctions)())
    if (name == function.name) return &function;
  return nullptr;
}

}  // namespace batchwise
#endif
