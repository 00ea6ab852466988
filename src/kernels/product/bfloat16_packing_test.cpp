// Rounded rows, transposes and pairs against the rounding of single values.
#include "kernels/product/bfloat16_packing.h"

#include "base/element_cast.h"
#include "kernels/kernel_trial.h"

namespace batchwise {
namespace {

constexpr Bfloat16 kUntouched = 0x1234;

std::vector<float> values_to_round(int64_t count) {
  std::vector<float> values = trial::random_values(count, 5);
  const float odd[] = {1.00390625f,
                       1.01171875f,
                       -0.0f,
                       1e-42f,
                       std::numeric_limits<float>::max(),
                       std::numeric_limits<float>::infinity(),
                       std::numeric_limits<float>::quiet_NaN()};
  for (size_t i = 0; i < std::size(odd) && i < values.size(); ++i) values[i * 3 % values.size()] = odd[i];
  return values;
}

TEST(RoundRows, RoundEveryValueToNearestAndPadWithZeros) {
  for (const int64_t columns : {1, 7, 16, 31, 32, 33, 100}) {
    const int64_t rows = 3, depth = columns + 3, stride = columns + 5;
    const std::vector<float> from = values_to_round(rows * (columns + 1));
    std::vector<Bfloat16> to(static_cast<size_t>(rows * stride), kUntouched);
    round_rows(from.data(), columns + 1, rows, columns, to.data(), stride, depth);
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t c = 0; c < stride; ++c)
        ASSERT_EQ(to[r * stride + c], c < columns ? float_to_bfloat16(from[r * (columns + 1) + c])
                                      : c < depth ? 0
                                                  : kUntouched)
            << columns << ": " << r << ", " << c;
  }
}

TEST(RoundTransposed, TurnsRowsIntoColumns) {
  for (const int64_t rows : {1, 2, 31, 32, 45})
    for (const int64_t columns : {1, 15, 16, 40}) {
      const int64_t depth = in_steps(rows), stride = depth + 2;
      const std::vector<float> from = values_to_round(rows * (columns + 1));
      std::vector<Bfloat16> to(static_cast<size_t>(columns * stride), kUntouched);
      round_transposed(from.data(), columns + 1, rows, columns, to.data(), stride, depth);
      for (int64_t c = 0; c < columns; ++c)
        for (int64_t r = 0; r < stride; ++r)
          ASSERT_EQ(to[c * stride + r], r < rows    ? float_to_bfloat16(from[r * (columns + 1) + c])
                                        : r < depth ? 0
                                                    : kUntouched)
              << rows << " x " << columns << ": " << r << ", " << c;
    }
}

TEST(RoundPairs, LieAsTheProductReadsThem) {
  for (const int64_t rows : {1, 2, 31, 32})
    for (const int64_t columns : {1, 15, 16, 40}) {
      const int64_t depth = in_steps(rows), panel = depth * kPanel + 2;
      const std::vector<float> from = values_to_round(rows * (columns + 1));
      std::vector<Bfloat16> to(static_cast<size_t>(panels_of(columns) * panel), kUntouched);
      round_pairs(from.data(), columns + 1, rows, columns, to.data(), panel, depth);
      for (int64_t k = 0; k < depth; ++k)
        for (int64_t j = 0; j < in_panels(columns); ++j)
          ASSERT_EQ(to[j / kPanel * panel + k / 2 * 32 + j % kPanel * 2 + k % 2],
                    k < rows && j < columns ? float_to_bfloat16(from[k * (columns + 1) + j]) : 0)
              << rows << " x " << columns << ": " << k << ", " << j;
    }
}

}  // namespace
}  // namespace batchwise
