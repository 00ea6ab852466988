// Counter-based randomness (Philox 4x32-10): every number has an address and none is drawn twice.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace batchwise {

// 128 random bits that depend on nothing but the arguments.
std::array<uint32_t, 4> philox(uint64_t key, uint64_t counter_high, uint64_t counter_low);

// A key for one purpose: the seed mixed with a name ("shuffle", a layer's name).
uint64_t random_key(uint64_t seed, std::string_view purpose);
uint64_t mix(uint64_t a, uint64_t b);

inline float unit_float(uint32_t bits) { return static_cast<float>(bits >> 8) * 0x1p-24f; }  // [0, 1)
inline double unit_double(uint32_t high, uint32_t low) {                                     // [0, 1)
  return static_cast<double>((static_cast<uint64_t>(high) << 21) ^ (low >> 11)) * 0x1p-53;
}

// A bijection of [0, count): position -> element of a shuffle, in constant memory and from any position on.
class Permutation {
 public:
  Permutation(uint64_t count, uint64_t key);
  uint64_t operator()(uint64_t position) const;

 private:
  uint64_t count_;
  uint64_t key_;
  int half_bits_;
};

}  // namespace batchwise
