// Reading of times.
#include "cli/time_choice.h"

#include <charconv>
#include <cmath>

#include <batchwise/error.h>

namespace batchwise {
namespace {

double seconds_of(const std::string& unit) {
  if (unit == "ms") return 1e-3;
  if (unit == "s") return 1;
  if (unit == "m" || unit == "min") return 60;
  if (unit == "h") return 3600;
  if (unit == "d") return 24 * 3600;
  return 0;
}

}  // namespace

std::optional<double> seconds_in(const std::string& text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const double seconds = number * seconds_of({end, text.data() + text.size()});
  if (error != std::errc() || !std::isfinite(seconds) || seconds <= 0) return std::nullopt;
  return seconds;
}

double read_time(const std::string& option, const std::string& text) {
  std::optional<double> seconds = seconds_in(text);
  if (!seconds) seconds = seconds_in(text + "s");
  require(seconds.has_value(), option, "the value must be a positive time, such as 90s, 10min or 1h. Got \"", text,
          "\".");
  require(*seconds <= kLongestTime, option, "the value must be at most a year, 366d. Got \"", text, "\".");
  return *seconds;
}

}  // namespace batchwise
