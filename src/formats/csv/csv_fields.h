// What the fields of a .csv file say: numbers, whole numbers, dates.
#pragma once

#include <cstdint>
#include <string_view>

namespace batchwise {

std::string_view trimmed(std::string_view field);  // without spaces and tabs at its ends

// Each returns false for a field that is none. Spaces around it and a plus sign are taken.
bool parse_number(std::string_view field, float* value);     // also nan and inf, but nothing too large for a float32
bool parse_integer(std::string_view field, int64_t* value);  // of at most 63 bits
// Days since 1970-01-01, of 2024-02-29, 2024-02-29T12:30, 2024-02-29 12:30:15.5Z: in UTC, of the Gregorian calendar.
bool parse_date(std::string_view field, double* days);

}  // namespace batchwise
