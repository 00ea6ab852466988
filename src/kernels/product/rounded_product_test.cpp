// Products that round their operands, against products of operands that were rounded before.
#include "kernels/product/rounded_product.h"

#include "base/element_cast.h"
#include "kernels/kernel_trial.h"

namespace batchwise {
namespace {

std::vector<float> rounded(int64_t count, uint64_t seed) {
  std::vector<float> values = trial::random_values(count, seed);
  for (float& value : values) value = bfloat16_to_float(float_to_bfloat16(value));
  return values;
}

struct Setting {
  int64_t rows, columns, groups, segments, length;
  bool transposed;  // k steps over rows of memory
  int64_t gap;      // between neighbouring k, or rows, of A
};

// Values that lose nothing are multiplied both ways; then the rounding of others is looked at.
void expect_as_float32(const Setting& s) {
  const int64_t depth = s.segments * s.length, all_rows = s.groups * s.rows;
  const int64_t a_count = (all_rows + 1) * (depth + 1) * (s.gap + 1);
  const std::vector<float> a = rounded(a_count, 1), b = rounded(depth * in_panels(s.columns), 2);
  const std::vector<float> bias = trial::random_values(s.columns, 3);
  std::vector<int64_t> a_groups, c_groups, segments;
  Product product;
  product.a_step = s.transposed ? (all_rows + 1) * (s.gap + 1) : s.gap + 1;
  product.a_row = s.transposed ? s.gap + 1 : (depth + 1) * (s.gap + 1);
  const int64_t c_row = in_panels(s.columns) + 3;
  for (int64_t g = 0; g < s.groups; ++g)
    a_groups.push_back(g * s.rows * product.a_row), c_groups.push_back(g * s.rows * c_row);
  for (int64_t i = 0; i < s.segments; ++i) segments.push_back((s.segments - 1 - i) * s.length * product.a_step);
  std::vector<float> expected = trial::random_values(all_rows * c_row, 4), got = expected;
  product.rows = s.rows;
  product.columns = s.columns;
  product.groups = s.groups;
  product.a_groups = a_groups.data();
  product.c_groups = c_groups.data();
  product.a = a.data();
  product.a_segments = segments.data();
  product.segments = s.segments;
  product.length = s.length;
  product.b = b.data();
  product.b_step = in_panels(s.columns);
  product.c_row = c_row;
  product.accumulate = s.rows % 2 == 0;
  product.relu = s.columns % 2 == 0;
  product.bias = s.groups == 1 ? bias.data() : nullptr;
  product.c = expected.data();
  multiply(product);
  std::vector<std::byte> rounding(static_cast<size_t>(rounding_bytes(all_rows, s.columns, depth)), std::byte{0xFF});
  product.c = got.data();
  multiply(product, rounding.data());
  trial::expect_close(expected, got, 3e-6, "C");
}

TEST(RoundedProduct, LosesNothingWhereOperandsAreBfloat16) {
  for (const int64_t rows : {1, 6, 40, 150})
    for (const int64_t columns : {1, 16, 33, 300})
      for (const int64_t groups : {1, 5})
        for (const auto& [segments, length] : {std::pair<int64_t, int64_t>{1, 7}, {1, 64}, {3, 5}, {40, 3}, {1, 1100}})
          for (const int64_t gap : {0, 2})
            for (const bool transposed : {false, true}) {
              SCOPED_TRACE(std::to_string(rows) + " x " + std::to_string(columns) + " x " + std::to_string(segments) +
                           " * " + std::to_string(length) + (transposed ? ", transposed" : ""));
              if (rows * columns * length > 1000000) continue;
              expect_as_float32({rows, columns, groups, segments, length, transposed, gap});
              if (testing::Test::HasFatalFailure()) return;
            }
}

TEST(RoundedProduct, RoundsBothOperands) {
  const float a[] = {1.00390625f, 3}, b[16] = {1.01171875f};  // halfway between neighbours: to even
  float c[1] = {};
  Product product;
  product.rows = product.columns = product.length = 1;
  product.a = a;
  product.b = b;
  product.c = c;
  std::vector<std::byte> rounding(static_cast<size_t>(rounding_bytes(1, 1, 1)));
  multiply(product, rounding.data());
  EXPECT_EQ(c[0], 1.0f * 1.015625f);
  multiply(product, nullptr);
  EXPECT_EQ(c[0], 1.00390625f * 1.01171875f);
}

}  // namespace
}  // namespace batchwise
