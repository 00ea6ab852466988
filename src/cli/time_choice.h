// Times on the command line: "30s", "10min", "1h".
#pragma once

#include <optional>
#include <string>

namespace batchwise {

inline constexpr double kLongestTime = 366 * 24 * 3600.0;  // seconds

// Seconds, of a positive number and a unit: ms, s, m, min, h, d. None for anything else.
std::optional<double> seconds_in(const std::string& text);

// The same, where a number alone means seconds too. Throws Error(Input) in the name of `option` for what is none, and
// for more than kLongestTime.
double read_time(const std::string& option, const std::string& text);

}  // namespace batchwise
