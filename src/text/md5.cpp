// MD5 (RFC 1321): what Keras's hashing_trick offers besides a hash that differs from run to run.
#include <bit>
#include <cmath>
#include <cstring>
#include <string>

#include "text/fingerprint.h"

namespace batchwise {
namespace {

void absorb(const unsigned char* block, std::array<uint32_t, 4>& state) {
  static const std::array<uint32_t, 64> kSines = [] {
    std::array<uint32_t, 64> all{};
    for (int i = 0; i < 64; ++i)
      all[static_cast<size_t>(i)] = static_cast<uint32_t>(std::fabs(std::sin(i + 1.0)) * 0x1p32);
    return all;
  }();
  constexpr int kTurns[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
  uint32_t words[16];
  std::memcpy(words, block, sizeof words);
  auto [a, b, c, d] = state;
  for (uint32_t i = 0; i < 64; ++i) {
    const uint32_t phase = i / 16;
    const uint32_t mixed = phase == 0   ? (b & c) | (~b & d)
                           : phase == 1 ? (d & b) | (~d & c)
                           : phase == 2 ? b ^ c ^ d
                                        : c ^ (b | ~d);
    const uint32_t word = phase == 0 ? i : phase == 1 ? 5 * i + 1 : phase == 2 ? 3 * i + 5 : 7 * i;
    const uint32_t sum = a + mixed + kSines[i] + words[word % 16];
    a = d;
    d = c;
    c = b;
    b += std::rotl(sum, kTurns[phase][i % 4]);
  }
  state = {state[0] + a, state[1] + b, state[2] + c, state[3] + d};
}

}  // namespace

std::array<uint8_t, 16> md5(std::string_view text) {
  std::array<uint32_t, 4> state{0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476};
  std::string padded(text);
  padded += '\x80';
  padded.resize((padded.size() + 8 + 63) / 64 * 64 - 8);
  const uint64_t bits = static_cast<uint64_t>(text.size()) * 8;
  padded.append(reinterpret_cast<const char*>(&bits), sizeof bits);
  for (size_t at = 0; at < padded.size(); at += 64)
    absorb(reinterpret_cast<const unsigned char*>(padded.data()) + at, state);
  std::array<uint8_t, 16> digest{};
  std::memcpy(digest.data(), state.data(), digest.size());
  return digest;
}

}  // namespace batchwise
