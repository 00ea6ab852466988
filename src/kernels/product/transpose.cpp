// Transposes, by 4 x 4 in registers.
#include "kernels/product/transpose.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/product/transpose.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace batchwise::HWY_NAMESPACE {
namespace {

#if HWY_TARGET == HWY_SCALAR
constexpr int64_t kSide = 1;  // of what registers transpose at once

void transpose_small(const float* from, int64_t, float* to, int64_t) { *to = *from; }
#else
namespace hn = hwy::HWY_NAMESPACE;
constexpr int64_t kSide = 4;

HWY_INLINE void transpose_small(const float* from, int64_t from_step, float* to, int64_t to_step) {
  const hn::FixedTag<float, 4> d;
  const auto row0 = hn::LoadU(d, from), row1 = hn::LoadU(d, from + from_step);
  const auto row2 = hn::LoadU(d, from + 2 * from_step), row3 = hn::LoadU(d, from + 3 * from_step);
  const auto low02 = hn::InterleaveLower(d, row0, row2), low13 = hn::InterleaveLower(d, row1, row3);
  const auto high02 = hn::InterleaveUpper(d, row0, row2), high13 = hn::InterleaveUpper(d, row1, row3);
  hn::StoreU(hn::InterleaveLower(d, low02, low13), d, to);
  hn::StoreU(hn::InterleaveUpper(d, low02, low13), d, to + to_step);
  hn::StoreU(hn::InterleaveLower(d, high02, high13), d, to + 2 * to_step);
  hn::StoreU(hn::InterleaveUpper(d, high02, high13), d, to + 3 * to_step);
}
#endif

void transpose_rows(const float* from, int64_t step, int64_t rows, int64_t columns, float* to) {
  const int64_t whole_rows = rows / kSide * kSide, whole_columns = columns / kSide * kSide;
  for (int64_t r = 0; r < whole_rows; r += kSide)
    for (int64_t c = 0; c < whole_columns; c += kSide)
      transpose_small(from + r * step + c, step, to + c * rows + r, rows);
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = r < whole_rows ? whole_columns : 0; c < columns; ++c) to[c * rows + r] = from[r * step + c];
}

void transpose_block(const float* from, float* to) { transpose_rows(from, 16, 16, 16, to); }

}  // namespace
}  // namespace batchwise::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace batchwise {

HWY_EXPORT(transpose_block);
HWY_EXPORT(transpose_rows);

void transpose_block(const float* from, float* to) { HWY_DYNAMIC_DISPATCH(transpose_block)(from, to); }
void transpose_rows(const float* from, int64_t step, int64_t rows, int64_t columns, float* to) {
  HWY_DYNAMIC_DISPATCH(transpose_rows)(from, step, rows, columns, to);
}

}  // namespace batchwise
#endif
