// A number as Python shows it: the shortest digits that read back, always with a point or an exponent.
#pragma once

#include <charconv>
#include <cmath>
#include <string>

namespace batchwise {

inline std::string python_float(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  char text[64];
  const double size = std::fabs(value);
  const auto form =
      value != 0 && (size < 1e-4 || size >= 1e16) ? std::chars_format::scientific : std::chars_format::fixed;
  std::string shortest(text, std::to_chars(text, text + sizeof text, value, form).ptr);
  if (shortest.find_first_of(".e") == std::string::npos) shortest += ".0";
  return shortest;
}

}  // namespace batchwise
