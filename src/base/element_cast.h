// Converts runs of elements between types.
#pragma once

#include <cstddef>
#include <cstdint>

#include <batchwise/dtype.h>

namespace batchwise {

// Value conversion as C++'s static_cast, and where that is undefined: a float beyond the range of an integer type gives
// the nearest end of the range, NaN gives 0. To Bool: not equal to zero. Float16 and BFloat16 go through float, rounded
// to nearest even. Between text and anything else: an Error(Input). Does not allocate.
void cast_elements(DType from, const std::byte* source, DType to, std::byte* target, int64_t count);

float bfloat16_to_float(uint16_t bits);
uint16_t float_to_bfloat16(float value);
float float16_to_float(uint16_t bits);
uint16_t float_to_float16(float value);

}  // namespace batchwise
