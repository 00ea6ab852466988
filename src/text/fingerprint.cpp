// FarmHash's 64-bit fingerprint by its published steps: one way to mix for each range of lengths.
#include "text/fingerprint.h"

#include <bit>
#include <cstring>
#include <utility>

namespace batchwise {
namespace {

constexpr uint64_t kA = 0xC3A5C85C97CB3127, kB = 0xB492B66FBE98F273, kC = 0x9AE16A3B2F90404F;

template <class T>
uint64_t load(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}
uint64_t eight(const char* at) { return load<uint64_t>(at); }
uint64_t four(const char* at) { return load<uint32_t>(at); }
uint64_t fold(uint64_t value) { return value ^ (value >> 47); }

uint64_t join(uint64_t u, uint64_t v, uint64_t factor) {
  const uint64_t a = fold((u ^ v) * factor);
  return fold((v ^ a) * factor) * factor;
}

uint64_t up_to_16(const char* s, uint64_t length) {
  if (length >= 8) {
    const uint64_t factor = kC + length * 2, a = eight(s) + kC, b = eight(s + length - 8);
    return join(std::rotr(b, 37) * factor + a, (std::rotr(a, 25) + b) * factor, factor);
  }
  if (length >= 4) return join(length + (four(s) << 3), four(s + length - 4), kC + length * 2);
  if (length == 0) return kC;
  const auto byte = [&](uint64_t i) { return static_cast<uint64_t>(static_cast<unsigned char>(s[i])); };
  const uint64_t y = byte(0) + (byte(length / 2) << 8), z = length + (byte(length - 1) << 2);
  return fold((y * kC) ^ (z * kA)) * kC;
}

uint64_t up_to_32(const char* s, uint64_t length) {
  const uint64_t factor = kC + length * 2, a = eight(s) * kB, b = eight(s + 8);
  const uint64_t c = eight(s + length - 8) * factor, d = eight(s + length - 16) * kC;
  return join(std::rotr(a + b, 43) + std::rotr(c, 30) + d, a + std::rotr(b + kC, 18) + c, factor);
}

uint64_t up_to_64(const char* s, uint64_t length) {
  const uint64_t factor = kC + length * 2, a = eight(s) * kC, b = eight(s + 8);
  const uint64_t c = eight(s + length - 8) * factor, d = eight(s + length - 16) * kC;
  const uint64_t y = std::rotr(a + b, 43) + std::rotr(c, 30) + d;
  const uint64_t z = join(y, a + std::rotr(b + kC, 18) + c, factor);
  const uint64_t e = eight(s + 16) * factor, f = eight(s + 24);
  const uint64_t g = (y + eight(s + length - 32)) * factor, h = (z + eight(s + length - 24)) * factor;
  return join(std::rotr(e + f, 43) + std::rotr(g, 30) + h, e + std::rotr(f + a, 18) + g, factor);
}

using Pair = std::pair<uint64_t, uint64_t>;

Pair mix_32(const char* s, uint64_t a, uint64_t b) {
  const uint64_t w = eight(s), x = eight(s + 8), y = eight(s + 16), z = eight(s + 24);
  a += w;
  b = std::rotr(b + a + z, 21);
  const uint64_t before = a;
  a += x + y;
  return {a + z, b + std::rotr(a, 44) + before};
}

uint64_t beyond_64(const char* s, uint64_t length) {
  constexpr uint64_t kSeed = 81;
  uint64_t x = kSeed * kC + eight(s), y = kSeed * kB + 113, z = fold(y * kC + 113) * kC;
  Pair v, w;
  const char* end = s + (length - 1) / 64 * 64;
  const char* last = s + length - 64;
  const auto round = [&](uint64_t factor, uint64_t w_factor, uint64_t v_factor) {
    x = std::rotr(x + y + v.first + eight(s + 8), 37) * factor;
    y = std::rotr(y + v.second + eight(s + 48), 42) * factor;
    x ^= w.second * w_factor;
    y += v.first * v_factor + eight(s + 40);
    z = std::rotr(z + w.first, 33) * factor;
    v = mix_32(s, v.second * factor, x + w.first);
    w = mix_32(s + 32, z + w.second, y + eight(s + 16));
    std::swap(z, x);
  };
  for (; s != end; s += 64) round(kB, 1, 1);
  const uint64_t factor = kB + ((z & 0xFF) << 1);
  s = last;
  w.first += (length - 1) & 63;
  v.first += w.first;
  w.first += v.first;
  round(factor, 9, 9);
  return join(join(v.first, w.first, factor) + fold(y) * kA + z, join(v.second, w.second, factor) + x, factor);
}

}  // namespace

uint64_t farm_fingerprint(std::string_view text) {
  const uint64_t length = text.size();
  if (length <= 16) return up_to_16(text.data(), length);
  if (length <= 32) return up_to_32(text.data(), length);
  return length <= 64 ? up_to_64(text.data(), length) : beyond_64(text.data(), length);
}

uint64_t concatenated_fingerprint(uint64_t first, uint64_t second) {
  constexpr uint64_t kFactor = 0xC6A4A7935BD1E995;
  const uint64_t mixed = ((first ^ kFactor) ^ (fold(second * kFactor) * kFactor)) * kFactor;
  return fold(fold(mixed) * kFactor);
}

}  // namespace batchwise
