// Converts runs of elements between types.
#include "base/element_cast.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

#include <batchwise/error.h>

namespace batchwise {

float bfloat16_to_float(uint16_t bits) { return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16); }

uint16_t float_to_bfloat16(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  if (std::isnan(value)) return static_cast<uint16_t>((bits >> 16) | 0x40);
  return static_cast<uint16_t>((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
}

float float16_to_float(uint16_t bits) {
  const uint32_t sign = static_cast<uint32_t>(bits & 0x8000) << 16;
  const uint32_t exponent = (bits >> 10) & 31, fraction = bits & 1023;
  if (exponent == 31) return std::bit_cast<float>(sign | 0x7F800000u | (fraction << 13));
  if (exponent == 0)
    return std::bit_cast<float>(sign | std::bit_cast<uint32_t>(std::ldexp(static_cast<float>(fraction), -24)));
  return std::bit_cast<float>(sign | ((exponent + 112) << 23) | (fraction << 13));
}

uint16_t float_to_float16(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  const uint16_t sign = static_cast<uint16_t>((bits >> 16) & 0x8000);
  if (std::isnan(value)) return sign | 0x7E00;
  const float magnitude = std::fabs(value);
  if (magnitude >= 65520.0f) return sign | 0x7C00;
  if (magnitude < 0x1p-14f) return sign | static_cast<uint16_t>(std::nearbyint(std::ldexp(magnitude, 24)));
  const uint32_t rounded = (bits & 0x7FFFFFFF) + 0xFFF + ((bits >> 13) & 1);
  return sign | static_cast<uint16_t>((rounded - (112u << 23)) >> 13);
}

namespace {

template <class T>
struct Load {
  T operator()(const std::byte* at) const {
    T v;
    std::memcpy(&v, at, sizeof v);
    return v;
  }
};
struct LoadHalf {
  float operator()(const std::byte* at) const { return float16_to_float(Load<uint16_t>()(at)); }
};
struct LoadBrain {
  float operator()(const std::byte* at) const { return bfloat16_to_float(Load<uint16_t>()(at)); }
};

template <class To, class From>
To converted(From value) {
  if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
    // Both ends are powers of two (or 0), so they are exact in From; the upper one is the first that does not fit.
    constexpr From kEnd = static_cast<From>(To{1} << (std::numeric_limits<To>::digits - 1)) * 2;
    if (value != value) return 0;
    if (value >= kEnd) return std::numeric_limits<To>::max();
    if (value < static_cast<From>(std::numeric_limits<To>::min())) return std::numeric_limits<To>::min();
  }
  return static_cast<To>(value);
}

template <class Loader, class To>
void run(Loader load, size_t stride, const std::byte* source, std::byte* target, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    const To value = converted<To>(load(source + static_cast<size_t>(i) * stride));
    std::memcpy(target + static_cast<size_t>(i) * sizeof(To), &value, sizeof value);
  }
}

template <class Loader, class Encode>
void run_encoded(Loader load, size_t stride, const std::byte* source, std::byte* target, int64_t count, Encode encode) {
  for (int64_t i = 0; i < count; ++i) {
    const auto value = encode(load(source + static_cast<size_t>(i) * stride));
    std::memcpy(target + static_cast<size_t>(i) * sizeof value, &value, sizeof value);
  }
}

template <class Loader>
void to(Loader load, size_t stride, const std::byte* source, DType type, std::byte* target, int64_t count) {
  switch (type) {
    case DType::Float32: return run<Loader, float>(load, stride, source, target, count);
    case DType::Float64: return run<Loader, double>(load, stride, source, target, count);
    case DType::Int8: return run<Loader, int8_t>(load, stride, source, target, count);
    case DType::UInt8: return run<Loader, uint8_t>(load, stride, source, target, count);
    case DType::Int16: return run<Loader, int16_t>(load, stride, source, target, count);
    case DType::UInt16: return run<Loader, uint16_t>(load, stride, source, target, count);
    case DType::Int32: return run<Loader, int32_t>(load, stride, source, target, count);
    case DType::UInt32: return run<Loader, uint32_t>(load, stride, source, target, count);
    case DType::Int64: return run<Loader, int64_t>(load, stride, source, target, count);
    case DType::UInt64: return run<Loader, uint64_t>(load, stride, source, target, count);
    case DType::Bool:
      return run_encoded(load, stride, source, target, count, [](auto v) { return static_cast<uint8_t>(v != 0); });
    case DType::Float16:
      return run_encoded(load, stride, source, target, count,
                         [](auto v) { return float_to_float16(static_cast<float>(v)); });
    case DType::BFloat16:
      return run_encoded(load, stride, source, target, count,
                         [](auto v) { return float_to_bfloat16(static_cast<float>(v)); });
    case DType::String: fail("cast", "numbers become text by formatting alone. Got the type string.");
  }
}

}  // namespace

void cast_elements(DType from, const std::byte* source, DType type, std::byte* target, int64_t count) {
  if (from == type) {
    std::memcpy(target, source, static_cast<size_t>(count * size_of(from)));
    return;
  }
  switch (from) {
    case DType::Float32: return to(Load<float>(), 4, source, type, target, count);
    case DType::Float64: return to(Load<double>(), 8, source, type, target, count);
    case DType::Int8: return to(Load<int8_t>(), 1, source, type, target, count);
    case DType::UInt8: return to(Load<uint8_t>(), 1, source, type, target, count);
    case DType::Bool: return to(Load<uint8_t>(), 1, source, type, target, count);
    case DType::Int16: return to(Load<int16_t>(), 2, source, type, target, count);
    case DType::UInt16: return to(Load<uint16_t>(), 2, source, type, target, count);
    case DType::Int32: return to(Load<int32_t>(), 4, source, type, target, count);
    case DType::UInt32: return to(Load<uint32_t>(), 4, source, type, target, count);
    case DType::Int64: return to(Load<int64_t>(), 8, source, type, target, count);
    case DType::UInt64: return to(Load<uint64_t>(), 8, source, type, target, count);
    case DType::Float16: return to(LoadHalf(), 2, source, type, target, count);
    case DType::BFloat16: return to(LoadBrain(), 2, source, type, target, count);
    case DType::String: fail("cast", "text must be looked up or hashed, not read as numbers. Got elements of string.");
  }
}

}  // namespace batchwise
