// The search for numbers that are not finite, compiled for each instruction set, chosen at run time.
#include "kernels/simd/finite.h"

#include <cmath>

#include "kernels/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/finite.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace batchwise::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// A number is not finite when all bits of its exponent are set: as an integer, without the sign, it is then above every
// finite one. One pass without branches finds the largest.
bool AllFinite(const float* values, int64_t count) {
  constexpr int32_t kMagnitude = 0x7fffffff, kInfinity = 0x7f800000;
  const hn::ScalableTag<int32_t> d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto* bits = reinterpret_cast<const int32_t*>(values);
  const auto magnitude = hn::Set(d, kMagnitude);
  const auto at = [&](int64_t i) { return hn::And(hn::LoadU(d, bits + i), magnitude); };
  auto a = hn::Zero(d), b = a, c = a, e = a;
  int64_t i = 0;
  for (; i + 4 * lanes <= count; i += 4 * lanes) {
    a = hn::Max(a, at(i));
    b = hn::Max(b, at(i + lanes));
    c = hn::Max(c, at(i + 2 * lanes));
    e = hn::Max(e, at(i + 3 * lanes));
  }
  for (; i + lanes <= count; i += lanes) a = hn::Max(a, at(i));
  const auto largest = hn::Max(hn::Max(a, b), hn::Max(c, e));
  bool finite = hn::AllTrue(d, hn::Lt(largest, hn::Set(d, kInfinity)));
  for (; i < count; ++i) finite = finite && std::isfinite(values[i]);
  return finite;
}

}  // namespace batchwise::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace batchwise {

HWY_EXPORT(AllFinite);

bool all_finite(const float* values, int64_t count) { return HWY_DYNAMIC_DISPATCH(AllFinite)(values, count); }

const float* first_not_finite(const float* values, int64_t count) {
  if (all_finite(values, count)) return nullptr;
  while (std::isfinite(*values)) ++values;
  return values;
}

}  // namespace batchwise
#endif
