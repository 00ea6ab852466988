// The transpose of 16 x 16 floats, by 4 x 4 in registers.
#include "kernels/product/transpose.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/product/transpose.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace batchwise::HWY_NAMESPACE {
namespace {

void transpose_block(const float* from, float* to) {
#if HWY_TARGET == HWY_SCALAR
  for (int o = 0; o < 16; ++o)
    for (int i = 0; i < 16; ++i) to[o * 16 + i] = from[i * 16 + o];
#else
  namespace hn = hwy::HWY_NAMESPACE;
  const hn::FixedTag<float, 4> d;
  for (int o = 0; o < 16; o += 4)
    for (int i = 0; i < 16; i += 4) {
      const auto row0 = hn::LoadU(d, from + (i + 0) * 16 + o), row1 = hn::LoadU(d, from + (i + 1) * 16 + o);
      const auto row2 = hn::LoadU(d, from + (i + 2) * 16 + o), row3 = hn::LoadU(d, from + (i + 3) * 16 + o);
      const auto low02 = hn::InterleaveLower(d, row0, row2), low13 = hn::InterleaveLower(d, row1, row3);
      const auto high02 = hn::InterleaveUpper(d, row0, row2), high13 = hn::InterleaveUpper(d, row1, row3);
      hn::StoreU(hn::InterleaveLower(d, low02, low13), d, to + (o + 0) * 16 + i);
      hn::StoreU(hn::InterleaveUpper(d, low02, low13), d, to + (o + 1) * 16 + i);
      hn::StoreU(hn::InterleaveLower(d, high02, high13), d, to + (o + 2) * 16 + i);
      hn::StoreU(hn::InterleaveUpper(d, high02, high13), d, to + (o + 3) * 16 + i);
    }
#endif
}

}  // namespace
}  // namespace batchwise::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace batchwise {

HWY_EXPORT(transpose_block);

void transpose_block(const float* from, float* to) { HWY_DYNAMIC_DISPATCH(transpose_block)(from, to); }

}  // namespace batchwise
#endif
