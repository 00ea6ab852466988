// Numbers as text.
#include "base/number_text.h"

#include <cmath>
#include <cstdio>

namespace batchwise {

std::string grouped_digits(int64_t number) {
  std::string digits = std::to_string(number);
  const size_t first = digits[0] == '-' ? 1 : 0;
  for (size_t at = digits.size(); at > first + 3;) digits.insert(at -= 3, 1, ',');
  return digits;
}

std::string rounded_number(double number) {
  if (std::abs(number) >= 10000 && std::abs(number) < 1e15) {
    const double unit = std::pow(10.0, std::floor(std::log10(std::abs(number))) - 3);
    return grouped_digits(static_cast<int64_t>(std::round(number / unit) * unit));
  }
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", number);
  return text;
}

}  // namespace batchwise
