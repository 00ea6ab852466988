// CRC-32C (Castagnoli), and the masked form of TensorFlow's records.
#pragma once

#include <cstdint>
#include <string_view>

namespace batchwise {

uint32_t crc32c(std::string_view bytes);
uint32_t crc32c_by_table(std::string_view bytes);  // the same where the processor has no instruction for it
uint32_t masked_crc32c(std::string_view bytes);    // rotated and offset, so that a checksum of checksums is not trivial

}  // namespace batchwise
