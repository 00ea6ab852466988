// Writes RGB pixels as a PNG.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace batchwise {

// The bytes of a PNG file. `pixels`: height * width * 3, from the top.
std::string png_of(int64_t height, int64_t width, const std::vector<uint8_t>& pixels);

}  // namespace batchwise
