// Numbers as a reader wants them.
#include "report/html/quantity.h"

#include <cmath>
#include <cstdio>

#include <batchwise/byte_size.h>

#include "base/number_text.h"
#include "report/progress_text.h"

namespace batchwise {
namespace {

template <class... Args>
std::string printed(const char* pattern, Args... args) {
  char text[400];
  std::snprintf(text, sizeof text, pattern, args...);
  return text;
}

std::string without_zeros(std::string digits) {
  if (digits.find('.') == std::string::npos || digits.find('e') != std::string::npos) return digits;
  while (digits.back() == '0') digits.pop_back();
  if (digits.back() == '.') digits.pop_back();
  return digits;
}

bool whole(double value) { return value == std::round(value) && std::fabs(value) < 1e15; }

std::string number(double value, int digits) {
  if (whole(value)) return grouped_digits(static_cast<int64_t>(value));
  const double size = std::fabs(value);
  if (size >= 1e-3 && size < 1e6) {
    const int before = size >= 1 ? static_cast<int>(std::floor(std::log10(size))) + 1 : 0;
    return without_zeros(printed("%.*f", digits > before ? digits - before : 0, value));
  }
  std::string text = printed("%.*e", digits - 1, value);
  const size_t at = text.find('e');
  std::string mantissa = without_zeros(text.substr(0, at)), power = std::to_string(std::stoi(text.substr(at + 1)));
  return mantissa + "e" + power;
}

std::string seconds(double value) {
  if (value < 0) return "-" + seconds(-value);
  if (value == 0) return "0 s";
  if (value < 1e-3) return number(value * 1e6, 3) + " µs";
  if (value < 1) return number(value * 1e3, 3) + " ms";
  if (value < 60) return number(value, 3) + " s";
  const auto total = static_cast<long long>(std::llround(value < 9e15 ? value : 9e15));
  if (total < 3600) return printed("%lld min %lld s", total / 60, total % 60);
  return printed("%lld h %lld min", total / 3600, total % 3600 / 60);
}

std::string thousands(double value) {
  const double size = std::fabs(value);
  for (const auto& [least, name] : {std::pair{1e9, "G"}, {1e6, "M"}, {1e4, "k"}})
    if (size >= least) return number(value / (least == 1e4 ? 1e3 : least), 3) + name;
  return number(value, 4);
}

std::string bytes(double value) {
  for (const auto& [least, name] : {std::pair{0x1p40, "TiB"}, {0x1p30, "GiB"}, {0x1p20, "MiB"}, {0x1p10, "KiB"}})
    if (std::fabs(value) >= least) return number(value / least, 3) + " " + name;
  return number(value, 3) + " B";
}

std::string short_seconds(double value) {
  if (value >= 3600) return number(value / 3600, 3) + " h";
  if (value >= 120) return number(value / 60, 3) + " min";
  return seconds(value);
}

std::string not_finite(double value) { return std::isnan(value) ? "not a number" : value > 0 ? "∞" : "−∞"; }

}  // namespace

std::string show(double value, Unit unit) {
  if (!std::isfinite(value)) return not_finite(value);
  switch (unit) {
    case Unit::Metric: return value == 0 ? "0" : value_text(value);
    case Unit::Count: return std::fabs(value) < 10 ? number(value, 2) : number(std::round(value), 4);
    case Unit::Bytes: return std::fabs(value) < 0x1p62 ? show_byte_size(static_cast<int64_t>(value)) : bytes(value);
    case Unit::Seconds: return seconds(value);
    case Unit::Number: break;
  }
  return number(value, 4);
}

std::string show_short(double value, Unit unit) {
  if (!std::isfinite(value)) return not_finite(value);
  switch (unit) {
    case Unit::Count: return thousands(value);
    case Unit::Bytes: return bytes(value);
    case Unit::Seconds: return short_seconds(value);
    case Unit::Number:
    case Unit::Metric: break;
  }
  return number(value, 4);
}

}  // namespace batchwise
