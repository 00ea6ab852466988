// Hashes of text that TensorFlow's operations use, with the same values.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace batchwise {

uint64_t farm_fingerprint(std::string_view text);                              // FarmHash's Fingerprint64
uint64_t sip_hash(const std::array<uint64_t, 2>& key, std::string_view text);  // SipHash-2-4
uint64_t concatenated_fingerprint(uint64_t first, uint64_t second);            // of crossed features
std::array<uint8_t, 16> md5(std::string_view text);

}  // namespace batchwise
