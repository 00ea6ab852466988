// Sums of runs of floats, compiled for each instruction set, chosen at run time.
#include "kernels/simd/sums.h"

#include <algorithm>

#include "kernels/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/sums.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace batchwise::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

void AddElements(const float* a, const float* b, float* y, int64_t count) {
  const hn::ScalableTag<float> d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) hn::StoreU(hn::Add(hn::LoadU(d, a + i), hn::LoadU(d, b + i)), d, y + i);
  for (; i < count; ++i) y[i] = a[i] + b[i];
}

constexpr int64_t kFloatRun = 1024;

double SumSquares(const float* x, int64_t count) {
  const hn::ScalableTag<float> d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  double sum = 0;
  for (int64_t begin = 0; begin < count; begin += kFloatRun) {
    const int64_t end = std::min(count, begin + kFloatRun);
    auto a = hn::Zero(d), b = a, c = a, e = a;
    int64_t i = begin;
    for (; i + 4 * lanes <= end; i += 4 * lanes) {
      const auto x0 = hn::LoadU(d, x + i), x1 = hn::LoadU(d, x + i + lanes), x2 = hn::LoadU(d, x + i + 2 * lanes),
                 x3 = hn::LoadU(d, x + i + 3 * lanes);
      a = hn::MulAdd(x0, x0, a);
      b = hn::MulAdd(x1, x1, b);
      c = hn::MulAdd(x2, x2, c);
      e = hn::MulAdd(x3, x3, e);
    }
    for (; i + lanes <= end; i += lanes) {
      const auto x0 = hn::LoadU(d, x + i);
      a = hn::MulAdd(x0, x0, a);
    }
    float run = hn::GetLane(hn::SumOfLanes(d, hn::Add(hn::Add(a, b), hn::Add(c, e))));
    for (; i < end; ++i) run += x[i] * x[i];
    sum += static_cast<double>(run);
  }
  return sum;
}

}  // namespace batchwise::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace batchwise {

HWY_EXPORT(AddElements);
HWY_EXPORT(SumSquares);

void add_elements(const float* a, const float* b, float* y, int64_t count) {
  HWY_DYNAMIC_DISPATCH(AddElements)(a, b, y, count);
}

double sum_squares(const float* x, int64_t count) { return HWY_DYNAMIC_DISPATCH(SumSquares)(x, count); }

}  // namespace batchwise
#endif
