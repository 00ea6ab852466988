// How much padding or cropping layers put before and after each axis.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include <batchwise/config.h>

namespace batchwise {

// One (before, after) per axis from Keras's forms: n, (a, b, ...) one per axis, or ((before, after), ...). Of one axis:
// n or (before, after). Throws for negative numbers.
using Borders = std::vector<std::array<int64_t, 2>>;
Borders borders_of(std::string_view layer, const Config& config, std::string_view key, int rank);
Config borders_config(const Borders& borders);

}  // namespace batchwise
