// Runs a function of vectors over floats: what tables of elementwise functions are made of.
// Included once per target: toggled guard.
#if defined(BATCHWISE_SIMD_ELEMENTWISE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef BATCHWISE_SIMD_ELEMENTWISE_INL_H_
#undef BATCHWISE_SIMD_ELEMENTWISE_INL_H_
#else
#define BATCHWISE_SIMD_ELEMENTWISE_INL_H_
#endif

#include <cstring>

#include "kernels/simd/activation_table.h"
#include "kernels/simd/vector_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace batchwise::HWY_NAMESPACE {

// The last elements go through a whole vector too: the same arithmetic whatever the position.
template <class Body>
HWY_INLINE void Run(const float* a, const float* b, float* out, int64_t count, Body body) {
  const F d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) hn::StoreU(body(d, hn::LoadU(d, a + i), hn::LoadU(d, b + i)), d, out + i);
  if (i == count) return;
  HWY_ALIGN float tail_a[hn::MaxLanes(F())] = {}, tail_b[hn::MaxLanes(F())] = {};
  const size_t bytes = static_cast<size_t>(count - i) * sizeof(float);
  std::memcpy(tail_a, a + i, bytes);
  std::memcpy(tail_b, b + i, bytes);
  hn::Store(body(d, hn::Load(d, tail_a), hn::Load(d, tail_b)), d, tail_a);
  std::memcpy(out + i, tail_a, bytes);
}

template <class Function>
void Forward(const ActivationParameters& p, const float* x, float* y, int64_t count) {
  Run(x, x, y, count, [&](F d, V v, V) HWY_ATTR { return Function::Forward(d, p, v); });
}

template <class Function>
void Backward(const ActivationParameters& p, const float* dy, const float* point, float* dx, int64_t count) {
  Run(dy, point, dx, count, [&](F d, V g, V v) HWY_ATTR { return hn::Mul(g, Function::Slope(d, p, v)); });
}

template <class Function>
constexpr ActivationEntry Entry(const char* name) {
  return {name, &Forward<Function>, &Backward<Function>, Function::kFromOutput};
}

}  // namespace batchwise::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
