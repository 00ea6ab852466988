// Runs an update over all elements in vectors, once for every instruction set (included again by foreach_target).
#if defined(BATCHWISE_OPTIMIZERS_ELEMENTS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef BATCHWISE_OPTIMIZERS_ELEMENTS_INL_H_
#undef BATCHWISE_OPTIMIZERS_ELEMENTS_INL_H_
#else
#define BATCHWISE_OPTIMIZERS_ELEMENTS_INL_H_
#endif

#include <cstdint>

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace batchwise {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Step: template <class D> void operator()(D d, int64_t i) updates the Lanes(d) elements from i on. Only operations
// that are rounded once (no fused multiply-add), so every instruction set gives the same bits.
template <class Step>
HWY_INLINE void ForElements(int64_t count, const Step& step) {
  const hn::ScalableTag<float> d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) step(d, i);
  const hn::CappedTag<float, 1> one;
  for (; i < count; ++i) step(one, i);
}

// slot + (value - slot) * part
template <class D, class V>
HWY_INLINE V Towards(D d, V slot, V value, float part) {
  return hn::Add(slot, hn::Mul(hn::Sub(value, slot), hn::Set(d, part)));
}

// slot * keep + value * part
template <class D, class V>
HWY_INLINE V Blend(D d, V slot, float keep, V value, float part) {
  return hn::Add(hn::Mul(hn::Set(d, keep), slot), hn::Mul(hn::Set(d, part), value));
}

}  // namespace HWY_NAMESPACE
}  // namespace batchwise
HWY_AFTER_NAMESPACE();

#endif
