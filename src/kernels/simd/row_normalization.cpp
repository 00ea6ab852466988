// Normalising rows, compiled for each instruction set, chosen at run time.
#include "kernels/simd/row_normalization.h"

#include <cmath>

#include "kernels/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/row_normalization.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace batchwise::HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;
using F = hn::ScalableTag<float>;
using V = hn::Vec<F>;
constexpr int64_t kLanes = static_cast<int64_t>(hn::MaxLanes(F()));

// body(load, store, first element): `load(p, otherwise)` reads a vector at p + first, null giving `otherwise`, elements
// beyond the row giving 0.
template <class Body>
HWY_INLINE void ForVectors(int64_t length, Body body) {
  const F d;
  int64_t at = 0;
  for (; at + kLanes <= length; at += kLanes)
    body([&](const float* p, float otherwise) HWY_ATTR { return p ? hn::LoadU(d, p + at) : hn::Set(d, otherwise); },
         [&](V v, float* p) HWY_ATTR { hn::StoreU(v, d, p + at); });
  if (at == length) return;
  const auto there = hn::FirstN(d, static_cast<size_t>(length - at));
  body([&](const float* p, float otherwise)
           HWY_ATTR { return p ? hn::MaskedLoad(there, d, p + at) : hn::IfThenElseZero(there, hn::Set(d, otherwise)); },
       [&](V v, float* p) HWY_ATTR { hn::BlendedStore(v, there, d, p + at); });
}

HWY_INLINE float Total(V v) { return hn::GetLane(hn::SumOfLanes(F(), v)); }

}  // namespace

RowMoments MeasureRow(const float* x, int64_t length, double epsilon, bool about_zero) {
  const F d;
  V sum = hn::Zero(d), squares = hn::Zero(d);
  if (!about_zero) ForVectors(length, [&](auto load, auto) HWY_ATTR { sum = hn::Add(sum, load(x, 0)); });
  const float count = static_cast<float>(length), mean = Total(sum) / count;
  // `inside` keeps what is beyond the end of the row out of the sum.
  ForVectors(length, [&](auto load, auto) HWY_ATTR {
    const V inside = load(nullptr, 1);
    const V v = hn::Mul(inside, hn::Sub(load(x, 0), hn::Set(d, mean)));
    squares = hn::MulAdd(v, v, squares);
  });
  return {mean, static_cast<float>(1 / std::sqrt(Total(squares) / count + epsilon))};
}

void ApplyRow(const float* x, float* y, int64_t length, float centre, float inverse, const float* gamma,
              const float* beta) {
  const F d;
  ForVectors(length, [&](auto load, auto store) HWY_ATTR {
    const V v = hn::Mul(hn::Sub(load(x, 0), hn::Set(d, centre)), hn::Set(d, inverse));
    store(hn::MulAdd(v, load(gamma, 1), load(beta, 0)), y);
  });
}

void BackwardRow(const float* dy, const float* x, float* dx, int64_t length, RowMoments moments, bool centred,
                 const float* gamma, float* dgamma, float* dbeta) {
  const F d;
  const float centre = centred ? moments.mean : 0;
  V sum = hn::Zero(d), products = hn::Zero(d);
  ForVectors(length, [&](auto load, auto store) HWY_ATTR {
    const V g = load(dy, 0), v = hn::Sub(load(x, 0), hn::Set(d, centre)), scaled = hn::Mul(g, load(gamma, 1));
    sum = hn::Add(sum, scaled);
    products = hn::MulAdd(scaled, v, products);
    if (dgamma) store(hn::MulAdd(g, hn::Mul(v, hn::Set(d, moments.inverse)), load(dgamma, 0)), dgamma);
    if (dbeta) store(hn::Add(g, load(dbeta, 0)), dbeta);
  });
  if (!dx) return;
  const float count = static_cast<float>(length), inverse = moments.inverse;
  const float mean = centred ? Total(sum) / count : 0;
  const V pull = hn::Set(d, inverse * inverse * inverse * (Total(products) / count));
  ForVectors(length, [&](auto load, auto store) HWY_ATTR {
    const V scaled = hn::Sub(hn::Mul(load(dy, 0), load(gamma, 1)), hn::Set(d, mean));
    const V away = hn::Sub(load(x, 0), hn::Set(d, moments.mean));
    store(hn::NegMulAdd(away, pull, hn::Mul(scaled, hn::Set(d, inverse))), dx);
  });
}

const RowNormalization* RowNormalizationFunctions() {
  static constexpr RowNormalization kFunctions = {&MeasureRow, &ApplyRow, &BackwardRow};
  return &kFunctions;
}

}  // namespace batchwise::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace batchwise {

HWY_EXPORT(RowNormalizationFunctions);

const RowNormalization& row_normalization() {
  static const RowNormalization& functions = *HWY_DYNAMIC_DISPATCH(RowNormalizationFunctions)();
  return functions;
}

}  // namespace batchwise
#endif
