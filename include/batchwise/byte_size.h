// Sizes in bytes: written, read and shown in binary units.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace batchwise {

constexpr int64_t KiB(double n) { return static_cast<int64_t>(n * 1024); }
constexpr int64_t MiB(double n) { return static_cast<int64_t>(n * 1024 * 1024); }
constexpr int64_t GiB(double n) { return static_cast<int64_t>(n * 1024 * 1024 * 1024); }

// "64M", "8G", "1.5GiB", "4096" -> bytes; M and MiB mean 2^20. Throws Error on anything else.
int64_t parse_byte_size(std::string_view text);
std::string show_byte_size(int64_t bytes);    // "1.50 GiB", "17.6 MiB", "812 B"
std::string byte_size_option(int64_t bytes);  // the smallest size not below `bytes` that reads well: "65M"

}  // namespace batchwise
