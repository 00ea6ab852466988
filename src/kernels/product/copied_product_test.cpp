// Products with copied factors against the same product without.
#include "kernels/product/copied_product.h"

#include "kernels/kernel_trial.h"

namespace batchwise {
namespace {

struct Setting {
  int64_t rows, columns, groups, segments, length, a_step, b_step;
  bool accumulate = false, relu = false, c_padded = false, bias = false;
};

void expect_same_bits(const Setting& s) {
  std::vector<int64_t> a_groups, c_groups, a_segments;
  const int64_t c_group = in_panels(s.columns) * s.rows + 32;
  for (int64_t g = 0; g < s.groups; ++g) a_groups.push_back(3 * g), c_groups.push_back(g * c_group);
  for (int64_t i = 0; i < s.segments; ++i) a_segments.push_back((s.segments - 1 - i) * (s.length * s.a_step + 5));
  const auto a = trial::random_values(s.segments * (s.length * s.a_step + 5) + 3 * s.groups + s.rows, 1);
  const auto b = trial::random_values(s.segments * s.length * s.b_step, 2);
  const auto bias = trial::random_values(s.columns, 3), before = trial::random_values(s.groups * c_group, 4);
  Product product;
  product.rows = s.rows, product.columns = s.columns, product.groups = s.groups;
  product.a_groups = a_groups.data(), product.c_groups = c_groups.data();
  product.a = a.data(), product.a_row = 1, product.a_step = s.a_step;
  product.a_segments = a_segments.data(), product.segments = s.segments, product.length = s.length;
  product.b = b.data(), product.b_step = s.b_step;
  product.c_row = kPanel, product.c_panel = s.rows * kPanel, product.c_padded = s.c_padded;
  product.accumulate = s.accumulate, product.relu = s.relu, product.bias = s.bias ? bias.data() : nullptr;
  ASSERT_TRUE(is_worth_copying(product));
  std::vector<float> copied(before.begin(), before.end()), in_place = copied;
  product.c = copied.data();
  multiply_copied(product);
  product.c = in_place.data();
  multiply_in_place(product);
  ASSERT_EQ(copied, in_place);
}

TEST(CopiedProduct, GivesTheBitsOfTheProductThatIsNotCopied) {
  for (const auto& [a_step, b_step] : {std::pair<int64_t, int64_t>{200, 100}, {97, 208}, {256, 256}})
    for (const int64_t rows : {48, 71})
      for (const int64_t columns : {1, 16, 33, 97})
        for (const auto& [segments, length] : {std::pair<int64_t, int64_t>{1, 48}, {5, 31}, {1, 300}, {3, 290}}) {
          SCOPED_TRACE(testing::Message() << rows << " x " << columns << " of " << segments << " x " << length
                                          << ", steps " << a_step << " and " << b_step);
          expect_same_bits({rows, columns, 1, segments, length, a_step, b_step});
          expect_same_bits({rows, columns, 1, segments, length, a_step, b_step, true, true, true, true});
          expect_same_bits({rows, columns, 3, segments, length, a_step, b_step, true, false, true});
        }
}

TEST(CopiedProduct, IsTheWayOfManyRowsAndStepsThatLieFarApartAlone) {
  Product product;
  product.rows = 64, product.columns = 64, product.length = 64;
  product.a_row = 1, product.a_step = 256, product.b_step = 64;
  EXPECT_TRUE(is_worth_copying(product));
  const auto without = [&](auto change) {
    Product other = product;
    change(other);
    return is_worth_copying(other);
  };
  EXPECT_FALSE(without([](Product& p) { p.rows = 16; }));
  EXPECT_FALSE(without([](Product& p) { p.length = 16; }));
  EXPECT_FALSE(without([](Product& p) { p.a_step = 64; }));
  EXPECT_FALSE(without([](Product& p) { p.a_row = 64, p.a_step = 1; }));
  EXPECT_FALSE(without([](Product& p) { p.b_step = kPanel; }));  // its stretches are too long for the copy
}

}  // namespace
}  // namespace batchwise
