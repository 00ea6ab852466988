// The matrix product: strides, groups, segments, tails and long sums.
#include "kernels/product/product.h"

#include <cmath>

#include "kernels/kernel_trial.h"

namespace batchwise {
namespace {

constexpr float kUntouched = 77;

// A product with every stride different, its operands, and what it must give.
struct Setting {
  int64_t rows, columns, groups, segments, length;
  bool accumulate, relu, c_padded, bias;
};

void expect_product(const Setting& s) {
  const int64_t depth = s.segments * s.length, row = depth + 3, b_step = in_panels(s.columns) + 2;
  std::vector<int64_t> a_groups, c_groups, a_segments;
  const int64_t c_row = in_panels(s.columns) + 5, c_group = s.rows * c_row + 4;
  for (int64_t g = 0; g < s.groups; ++g) a_groups.push_back(g * s.rows * row), c_groups.push_back(g * c_group);
  // Segments in reverse, so that offsets are not what counting would give.
  for (int64_t i = 0; i < s.segments; ++i) a_segments.push_back((s.segments - 1 - i) * s.length);
  const std::vector<float> a = trial::random_values(s.groups * s.rows * row, 1),
                           b = trial::random_values(depth * b_step, 2);
  const std::vector<float> bias = trial::random_values(s.columns, 3);
  std::vector<float> c(static_cast<size_t>(s.groups * c_group), kUntouched);

  Product product;
  product.rows = s.rows;
  product.columns = s.columns;
  product.groups = s.groups;
  product.a_groups = a_groups.data();
  product.c_groups = c_groups.data();
  product.a = a.data();
  product.a_row = row;
  product.a_segments = a_segments.data();
  product.segments = s.segments;
  product.length = s.length;
  product.b = b.data();
  product.b_step = b_step;
  product.c = c.data();
  product.c_row = c_row;
  product.c_padded = s.c_padded;
  product.accumulate = s.accumulate;
  product.relu = s.relu;
  product.bias = s.bias ? bias.data() : nullptr;
  multiply(product);

  for (int64_t g = 0; g < s.groups; ++g)
    for (int64_t i = 0; i < s.rows; ++i)
      for (int64_t j = 0; j < c_row; ++j) {
        const float got = c[g * c_group + i * c_row + j];
        if (j >= s.columns) {
          ASSERT_EQ(got, s.c_padded && j < in_panels(s.columns) ? 0 : kUntouched) << "row " << i << ", column " << j;
          continue;
        }
        double sum = (s.accumulate ? kUntouched : 0) + (s.bias ? bias[j] : 0);
        for (int64_t k = 0; k < depth; ++k)
          sum += static_cast<double>(a[a_groups[g] + i * row + a_segments[k / s.length] + k % s.length]) *
                 b[k * b_step + j];
        if (s.relu) sum = std::max(sum, 0.0);
        ASSERT_NEAR(got, sum, 2e-5) << "row " << i << ", column " << j;
      }
}

TEST(Product, AgreesWithItsDefinition) {
  for (const int64_t rows : {1, 2, 6, 7, 8, 13, 15, 29})
    for (const int64_t columns : {1, 15, 16, 17, 32, 48, 64, 70, 130})
      for (const int64_t groups : {1, 3})
        for (const int64_t segments : {1, 3}) {
          SCOPED_TRACE(std::to_string(rows) + " x " + std::to_string(columns));
          const bool even = rows % 2 == 0, first = groups == 1;
          expect_product({rows, columns, groups, segments, 5, even, first, !even || first, segments == 3});
          if (testing::Test::HasFatalFailure()) return;
        }
}

TEST(Product, CutsLongSumsWithoutLosingAnyOfThem) {
  for (const auto& [segments, length] :
       {std::pair<int64_t, int64_t>{1, 256}, {1, 257}, {1, 1000}, {5, 100}, {2, 300}, {400, 1}, {3, 513}})
    for (const bool accumulate : {false, true}) {
      SCOPED_TRACE(std::to_string(segments) + " segments of " + std::to_string(length));
      expect_product({3, 20, 2, segments, length, accumulate, !accumulate, true, true});
      if (testing::Test::HasFatalFailure()) return;
    }
}

TEST(Product, OfNothingIsItsBias) {
  const float bias[] = {1, -2};
  float c[] = {5, 5, 5};
  Product product;
  product.rows = 1;
  product.columns = 2;
  product.segments = 0;
  product.c = c;
  product.bias = bias;
  multiply(product);
  EXPECT_EQ(c[0], 1);
  EXPECT_EQ(c[1], -2);
  EXPECT_EQ(c[2], 5);
}

}  // namespace
}  // namespace batchwise
