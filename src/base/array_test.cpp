// Arrays: sharing, slices and conversion.
#include <batchwise/array.h>

#include <limits>

#include <gtest/gtest.h>

namespace batchwise {
namespace {

TEST(Array, StartsAsZerosAndSharesItsBytes) {
  Array a(DType::Float32, {2, 3});
  for (float v : a.values<float>()) EXPECT_EQ(v, 0);
  Array b = a;
  Array c = a.clone();
  a.data<float>()[4] = 7;
  EXPECT_EQ(b.data<float>()[4], 7);
  EXPECT_EQ(c.data<float>()[4], 0);
  EXPECT_EQ(a.bytes(), 24);
  EXPECT_EQ(a.rows(), 2);
}

TEST(Array, LiesWhereKernelsCanReadItWithoutCopying) {
  for (const int64_t count : {1, 17, 4096, 1 << 20})
    EXPECT_EQ(reinterpret_cast<uintptr_t>(Array(DType::Float32, {count}).raw()) % 64, 0u) << count;
}

TEST(Array, ADefaultOneHoldsNothing) {
  const Array none;
  EXPECT_TRUE(none.empty());
  EXPECT_EQ(none.count(), 0);
  EXPECT_EQ(none.rows(), 0);
  EXPECT_EQ(none.bytes(), 0);
  EXPECT_TRUE(none.values<float>().empty());
  EXPECT_TRUE(none.clone().empty());
  EXPECT_TRUE(none.cast(DType::UInt8).empty());
  EXPECT_THROW(none.reshaped({}), Error);
}

TEST(Array, ReadsElementsOnlyAsTheirOwnType) {
  const Array labels = Array::from<int64_t>({1, 2, 3}, {3});
  EXPECT_EQ(labels.data<int64_t>()[2], 3);
  EXPECT_THROW(labels.data<float>(), Error);
  EXPECT_THROW(Array::from<float>({1, 2, 3}, {2}), Error);
}

TEST(Array, SlicesShareRowsAndStayInside) {
  const Array a = Array::from<float>({0, 1, 2, 3, 4, 5}, {3, 2});
  const Array part = a.slice(1, 2);
  EXPECT_EQ(part.shape(), Shape({2, 2}));
  EXPECT_EQ(part.data<float>()[0], 2);
  EXPECT_EQ(part.data<float>(), a.data<float>() + 2);
  EXPECT_EQ(a.slice(3, 0).count(), 0);
  EXPECT_THROW(a.slice(2, 2), Error);
  EXPECT_THROW(a.slice(-1, 1), Error);
  EXPECT_THROW(a.slice(std::numeric_limits<int64_t>::max(), 2), Error);
  EXPECT_THROW(a.slice(2, std::numeric_limits<int64_t>::max()), Error);
}

TEST(Array, ASliceKeepsTheBytesAlive) {
  Array part;
  {
    const Array whole = Array::from<float>({0, 1, 2, 3}, {4});
    part = whole.slice(2, 2);
  }
  EXPECT_EQ(part.data<float>()[1], 3);
}

TEST(Array, ReshapesWithoutCopying) {
  const Array a = Array::from<float>({0, 1, 2, 3, 4, 5}, {3, 2});
  EXPECT_EQ(a.reshaped({6}).data<float>(), a.data<float>());
  EXPECT_THROW(a.reshaped({5}), Error);
}

TEST(Array, ViewsTheCallersBytes) {
  const uint8_t pixels[] = {1, 2, 3, 4};
  const Array view = Array::view(pixels, {2, 2});
  EXPECT_EQ(view.data<uint8_t>(), pixels);
  EXPECT_EQ(view.cast(DType::Float32).data<float>()[3], 4.0f);
}

TEST(Array, MoreBytesThanCanBeCountedAreRefused) { EXPECT_THROW(Array(DType::Float64, {int64_t{1} << 61}), Error); }

}  // namespace
}  // namespace batchwise
