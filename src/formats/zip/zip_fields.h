// The records of ZIP archives: signatures, fixed sizes in bytes, little-endian fields.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace batchwise {

constexpr uint32_t kLocalSignature = 0x04034b50, kEntrySignature = 0x02014b50, kEndSignature = 0x06054b50;
constexpr uint32_t kEnd64Signature = 0x06064b50, kLocatorSignature = 0x07064b50;
constexpr int kLocalSize = 30, kEntrySize = 46, kEndSize = 22, kEnd64Size = 56, kLocatorSize = 20;
constexpr uint16_t kZip64Extra = 1;

// REQUIRES: the field lies inside `bytes`.
inline uint64_t zip_field(std::string_view bytes, size_t at, int size) {
  uint64_t value = 0;
  for (int i = size; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[at + static_cast<size_t>(i)]);
  return value;
}
inline uint16_t zip_u16(std::string_view bytes, size_t at) { return static_cast<uint16_t>(zip_field(bytes, at, 2)); }
inline uint32_t zip_u32(std::string_view bytes, size_t at) { return static_cast<uint32_t>(zip_field(bytes, at, 4)); }
inline uint64_t zip_u64(std::string_view bytes, size_t at) { return zip_field(bytes, at, 8); }

inline void zip_put(std::string& out, uint64_t value, int size) {
  for (int i = 0; i < size; ++i, value >>= 8) out += static_cast<char>(value & 255);
}

}  // namespace batchwise
