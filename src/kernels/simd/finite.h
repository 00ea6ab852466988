// Whether numbers are finite.
#pragma once

#include <cstdint>

namespace batchwise {

bool all_finite(const float* values, int64_t count);

// Null: all are.
const float* first_not_finite(const float* values, int64_t count);

}  // namespace batchwise
