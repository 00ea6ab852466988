// Sizes in bytes: written, read and shown in binary units.
#include <batchwise/byte_size.h>

#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdio>

#include <batchwise/error.h>

namespace batchwise {
namespace {
constexpr std::array<const char*, 5> kUnits{"B", "KiB", "MiB", "GiB", "TiB"};
}

int64_t parse_byte_size(std::string_view text) {
  const auto refuse = [&] {
    fail("size", "a size is a number with K, M, G or T, such as 64M, 1.5GiB or 4096. Got \"", text, "\".");
  };
  double number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc() || !(number >= 0) || !std::isfinite(number)) refuse();
  std::string unit;
  for (const char* c = end; c != text.data() + text.size(); ++c)
    unit += static_cast<char>(std::toupper(static_cast<unsigned char>(*c)));
  int power = 0;
  if (!unit.empty() && unit != "B") {
    const size_t at = std::string_view("KMGT").find(unit[0]);
    if (at == std::string_view::npos || !(unit.size() == 1 || unit.substr(1) == "B" || unit.substr(1) == "IB"))
      refuse();
    power = static_cast<int>(at) + 1;
  }
  if (power == 0 && number != std::floor(number)) refuse();
  const double bytes = std::ldexp(number, 10 * power);
  if (bytes >= 0x1p62) refuse();
  return static_cast<int64_t>(bytes);
}

std::string show_byte_size(int64_t bytes) {
  double value = static_cast<double>(bytes);
  size_t unit = 0;
  while (std::fabs(value) >= (unit == 0 ? 1024 : 1023.95) &&
         unit + 1 < kUnits.size()) {  // 1023.95 would be shown as 1024.0
    value /= 1024;
    ++unit;
  }
  char out[48];
  std::snprintf(out, sizeof out, unit == 0 ? "%.0f %s" : value < 10 ? "%.2f %s" : "%.1f %s", value, kUnits[unit]);
  return out;
}

std::string byte_size_option(int64_t bytes) { return std::to_string((bytes + MiB(1) - 1) / MiB(1)) + "M"; }

}  // namespace batchwise
