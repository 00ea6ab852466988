// Products of bfloat16 operands: every way of this machine against the sum of the rounded values.
#include "kernels/product/bfloat16_product.h"

#include <cmath>

#include "base/element_cast.h"
#include "kernels/kernel_trial.h"
#include "kernels/product/bfloat16_packing.h"

namespace batchwise {
namespace {

constexpr float kUntouched = 77;

struct Setting {
  int64_t rows, columns, groups, segments, length;
  bool accumulate, relu, c_padded, bias;
};

std::vector<float> rounded(std::vector<float> values) {
  for (float& value : values) value = bfloat16_to_float(float_to_bfloat16(value));
  return values;
}

// Rows of A a little apart, segments in reverse, each padded with zeros.
void expect_product(const Setting& s, Bfloat16Way way) {
  const int64_t length = in_steps(s.length), a_row = s.segments * length + 6;
  const int64_t c_row = in_panels(s.columns) + 5, c_group = s.rows * c_row + 4;
  const std::vector<float> a = rounded(trial::random_values(s.groups * s.rows * s.segments * s.length, 1));
  const std::vector<float> b = rounded(trial::random_values(s.segments * s.length * s.columns, 2));
  const std::vector<float> bias = trial::random_values(s.columns, 3);
  std::vector<Bfloat16> rows(static_cast<size_t>(s.groups * s.rows * a_row), 0x7FC0);
  std::vector<Bfloat16> pairs(static_cast<size_t>(in_panels(s.columns) * s.segments * length));
  std::vector<int64_t> a_groups, c_groups, segments;
  for (int64_t g = 0; g < s.groups; ++g) a_groups.push_back(g * s.rows * a_row), c_groups.push_back(g * c_group);
  for (int64_t i = 0; i < s.segments; ++i) {
    segments.push_back((s.segments - 1 - i) * length);
    round_rows(a.data() + i * s.length, s.segments * s.length, s.groups * s.rows, s.length,
               rows.data() + segments.back(), a_row, length);
    round_pairs(b.data() + i * s.length * s.columns, s.columns, s.length, s.columns, pairs.data() + i * length * kPanel,
                s.segments * length * kPanel, length);
  }
  std::vector<float> c(static_cast<size_t>(s.groups * c_group), kUntouched);
  Bfloat16Product product;
  product.rows = s.rows;
  product.columns = s.columns;
  product.groups = s.groups;
  product.a_groups = a_groups.data();
  product.c_groups = c_groups.data();
  product.a = rows.data();
  product.a_row = a_row;
  product.a_segments = segments.data();
  product.segments = s.segments;
  product.length = length;
  product.b = pairs.data();
  product.b_panel = s.segments * length * kPanel;
  product.c = c.data();
  product.c_row = c_row;
  product.c_padded = s.c_padded;
  product.accumulate = s.accumulate;
  product.relu = s.relu;
  product.bias = s.bias ? bias.data() : nullptr;
  multiply(product, way);

  const int64_t depth = s.segments * s.length;
  for (int64_t g = 0; g < s.groups; ++g)
    for (int64_t i = 0; i < s.rows; ++i)
      for (int64_t j = 0; j < c_row; ++j) {
        const float got = c[static_cast<size_t>(g * c_group + i * c_row + j)];
        if (j >= s.columns) {
          ASSERT_EQ(got, s.c_padded && j < in_panels(s.columns) ? 0 : kUntouched) << "row " << i << ", column " << j;
          continue;
        }
        double sum = (s.accumulate ? kUntouched : 0) + (s.bias ? bias[static_cast<size_t>(j)] : 0);
        for (int64_t k = 0; k < depth; ++k)
          sum += static_cast<double>(a[static_cast<size_t>((g * s.rows + i) * depth + k)]) *
                 b[static_cast<size_t>(k * s.columns + j)];
        if (s.relu) sum = std::max(sum, 0.0);
        ASSERT_NEAR(got, sum, 2e-5) << "row " << i << ", column " << j;
      }
}

class Bfloat16ProductTest : public testing::TestWithParam<Bfloat16Way> {
 protected:
  void SetUp() override {
    if (!has(GetParam())) GTEST_SKIP() << "this machine has no such instructions";
  }
};

TEST_P(Bfloat16ProductTest, AgreesWithItsDefinition) {
  for (const int64_t rows : {1, 2, 6, 7, 15, 16, 17, 29, 48})
    for (const int64_t columns : {1, 15, 16, 17, 32, 48, 64, 70, 130})
      for (const int64_t groups : {1, 3})
        for (const int64_t segments : {1, 3})
          for (const int64_t length : {1, 5, 32, 34, 48}) {
            SCOPED_TRACE(std::to_string(rows) + " x " + std::to_string(columns) + " x " + std::to_string(length));
            const bool even = rows % 2 == 0, first = groups == 1;
            expect_product({rows, columns, groups, segments, length, even, first, !even || first, segments == 3},
                           GetParam());
            if (testing::Test::HasFatalFailure()) return;
          }
}

TEST_P(Bfloat16ProductTest, GivesARowTheSameBitsWhateverIsBesideIt) {
  const int64_t depth = in_steps(75), columns = 40;
  const std::vector<float> a = trial::random_values(40 * depth, 1), b = trial::random_values(depth * columns, 2);
  std::vector<Bfloat16> rows(a.size()), pairs(static_cast<size_t>(in_panels(columns) * depth));
  round_values(a.data(), 40 * depth, rows.data());
  round_pairs(b.data(), columns, depth, columns, pairs.data(), depth * kPanel, depth);
  Bfloat16Product product;
  product.columns = columns;
  product.a_row = product.length = depth;
  product.b = pairs.data();
  product.b_panel = depth * kPanel;
  product.c_row = columns;
  std::vector<float> all(40 * columns), one(columns);
  product.rows = 40;
  product.a = rows.data();
  product.c = all.data();
  multiply(product, GetParam());
  for (int64_t i = 0; i < 40; ++i) {
    product.rows = 1;
    product.a = rows.data() + i * depth;
    product.c = one.data();
    multiply(product, GetParam());
    for (int64_t j = 0; j < columns; ++j) ASSERT_EQ(one[j], all[i * columns + j]) << "row " << i << ", column " << j;
  }
}

TEST_P(Bfloat16ProductTest, OfNothingIsItsBias) {
  const float bias[] = {1, -2};
  float c[] = {5, 5, 5};
  Bfloat16Product product;
  product.rows = 1;
  product.columns = 2;
  product.segments = 0;
  product.c = c;
  product.bias = bias;
  multiply(product, GetParam());
  EXPECT_EQ(c[0], 1);
  EXPECT_EQ(c[1], -2);
  EXPECT_EQ(c[2], 5);
}

INSTANTIATE_TEST_SUITE_P(Ways, Bfloat16ProductTest,
                         testing::Values(Bfloat16Way::Float32, Bfloat16Way::Avx512, Bfloat16Way::Amx),
                         [](const testing::TestParamInfo<Bfloat16Way>& way) {
                           return way.param == Bfloat16Way::Amx      ? "Amx"
                                  : way.param == Bfloat16Way::Avx512 ? "Avx512"
                                                                     : "Float32";
                         });

TEST(InSteps, AreEqualAndOfWholePairs) {
  for (int64_t length = 1; length < 500; ++length) {
    const int64_t padded = in_steps(length), steps = (padded + 31) / 32;
    ASSERT_GE(padded, length);
    ASSERT_EQ(padded % steps, 0) << length;
    ASSERT_EQ(padded / steps % 2, 0) << length;
    ASSERT_EQ(in_steps(padded), padded) << length;
  }
}

}  // namespace
}  // namespace batchwise
