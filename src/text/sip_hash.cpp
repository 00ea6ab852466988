// SipHash-2-4, the keyed hash behind TensorFlow's strong string buckets.
#include <bit>
#include <cstring>

#include "text/fingerprint.h"

namespace batchwise {

uint64_t sip_hash(const std::array<uint64_t, 2>& key, std::string_view text) {
  uint64_t a = key[0] ^ 0x736F6D6570736575, b = key[1] ^ 0x646F72616E646F6D;
  uint64_t c = key[0] ^ 0x6C7967656E657261, d = key[1] ^ 0x7465646279746573;
  const auto rounds = [&](int count) {
    for (int i = 0; i < count; ++i) {
      a += b;
      c += d;
      b = std::rotl(b, 13) ^ a;
      d = std::rotl(d, 16) ^ c;
      a = std::rotl(a, 32);
      c += b;
      a += d;
      b = std::rotl(b, 17) ^ c;
      d = std::rotl(d, 21) ^ a;
      c = std::rotl(c, 32);
    }
  };
  const auto absorb = [&](uint64_t word) {
    d ^= word;
    rounds(2);
    a ^= word;
  };
  size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    uint64_t word;
    std::memcpy(&word, text.data() + at, 8);
    absorb(word);
  }
  uint64_t last = static_cast<uint64_t>(text.size()) << 56;
  if (at < text.size()) std::memcpy(&last, text.data() + at, text.size() - at);
  absorb(last);
  c ^= 0xFF;
  rounds(4);
  return a ^ b ^ c ^ d;
}

}  // namespace batchwise
