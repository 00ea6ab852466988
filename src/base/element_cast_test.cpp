// Conversion of elements: every pair of types, half precisions bit by bit, and values beyond the range.
#include "base/element_cast.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

namespace batchwise {
namespace {

constexpr DType kAll[] = {DType::Float32, DType::Float64, DType::Float16, DType::BFloat16, DType::Int8,
                          DType::UInt8,   DType::Int16,   DType::UInt16,  DType::Int32,    DType::UInt32,
                          DType::Int64,   DType::UInt64,  DType::Bool};

template <class From, class To>
To cast_one(DType from, From value, DType to) {
  To out{};
  cast_elements(from, reinterpret_cast<const std::byte*>(&value), to, reinterpret_cast<std::byte*>(&out), 1);
  return out;
}

TEST(ElementCast, SmallWholeNumbersSurviveEveryPairOfTypes) {
  const std::vector<float> numbers{0, 1, 1, 0, 1};
  for (DType a : kAll)
    for (DType b : kAll) {
      std::vector<std::byte> first(8 * numbers.size()), second(first);
      std::vector<float> back(numbers.size());
      const int64_t count = static_cast<int64_t>(numbers.size());
      cast_elements(DType::Float32, reinterpret_cast<const std::byte*>(numbers.data()), a, first.data(), count);
      cast_elements(a, first.data(), b, second.data(), count);
      cast_elements(b, second.data(), DType::Float32, reinterpret_cast<std::byte*>(back.data()), count);
      EXPECT_EQ(back, numbers) << a << " to " << b;
    }
}

TEST(ElementCast, EveryHalfComesBackFromFloat) {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    const uint16_t half = static_cast<uint16_t>(bits);
    const float f16 = float16_to_float(half), bf16 = bfloat16_to_float(half);
    if (std::isnan(f16)) EXPECT_TRUE(std::isnan(float16_to_float(float_to_float16(f16))));
    else EXPECT_EQ(float_to_float16(f16), half);
    if (std::isnan(bf16)) EXPECT_TRUE(std::isnan(bfloat16_to_float(float_to_bfloat16(bf16))));
    else EXPECT_EQ(float_to_bfloat16(bf16), half);
  }
}

TEST(ElementCast, HalvesRoundToTheNearestEven) {
  for (uint32_t bits = 0; bits < 0x7BFF; ++bits) {  // neighbours up to the largest finite one
    const float low = float16_to_float(static_cast<uint16_t>(bits)),
                high = float16_to_float(static_cast<uint16_t>(bits + 1));
    const float middle = static_cast<float>((static_cast<double>(low) + high) / 2);
    EXPECT_EQ(float_to_float16(middle), bits % 2 == 0 ? bits : bits + 1);
    EXPECT_EQ(float_to_float16(std::nextafter(middle, 0.0f)), bits);
    EXPECT_EQ(float_to_float16(std::nextafter(middle, 1e9f)), bits + 1);
  }
  EXPECT_EQ(float_to_float16(65519.0f), 0x7BFF);
  EXPECT_EQ(float_to_float16(65520.0f), 0x7C00);
  EXPECT_EQ(float_to_float16(-1e30f), 0xFC00);
  EXPECT_EQ(float_to_bfloat16(1.00390625f), 0x3F80);  // halfway, to even
  EXPECT_EQ(float_to_bfloat16(std::numeric_limits<float>::max()), 0x7F80);
}

TEST(ElementCast, FloatsBeyondTheRangeOfAnIntegerGiveItsEnds) {
  EXPECT_EQ((cast_one<float, uint8_t>(DType::Float32, 300.0f, DType::UInt8)), 255);
  EXPECT_EQ((cast_one<float, uint8_t>(DType::Float32, -1.0f, DType::UInt8)), 0);
  EXPECT_EQ((cast_one<float, int8_t>(DType::Float32, -200.0f, DType::Int8)), -128);
  EXPECT_EQ((cast_one<float, int64_t>(DType::Float32, 1e30f, DType::Int64)), std::numeric_limits<int64_t>::max());
  EXPECT_EQ((cast_one<double, uint64_t>(DType::Float64, 1e30, DType::UInt64)), std::numeric_limits<uint64_t>::max());
  EXPECT_EQ((cast_one<double, int32_t>(DType::Float64, 2147483647.0, DType::Int32)), 2147483647);
  EXPECT_EQ((cast_one<double, int32_t>(DType::Float64, 2147483648.0, DType::Int32)), 2147483647);
  EXPECT_EQ((cast_one<double, int32_t>(DType::Float64, -2147483648.0, DType::Int32)),
            std::numeric_limits<int32_t>::min());
  EXPECT_EQ((cast_one<float, int32_t>(DType::Float32, NAN, DType::Int32)), 0);
  EXPECT_EQ((cast_one<float, uint8_t>(DType::Float32, 254.9f, DType::UInt8)), 254);
}

TEST(ElementCast, ToBoolAsksWhetherItIsZero) {
  EXPECT_EQ((cast_one<float, uint8_t>(DType::Float32, 0.25f, DType::Bool)), 1);
  EXPECT_EQ((cast_one<float, uint8_t>(DType::Float32, -0.0f, DType::Bool)), 0);
  EXPECT_EQ((cast_one<int64_t, uint8_t>(DType::Int64, int64_t{1} << 40, DType::Bool)), 1);
}

TEST(DTypes, HaveKerasNames) {
  for (DType dtype : kAll) EXPECT_EQ(dtype_named(name_of(dtype)), dtype);
  EXPECT_EQ(name_of(DType::BFloat16), "bfloat16");
  EXPECT_EQ(size_of(DType::Int64), 8);
  EXPECT_ANY_THROW(dtype_named("float"));
}

}  // namespace
}  // namespace batchwise
