// Pieces of the progress bar's text.
#include "report/progress_text.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace batchwise {
namespace {

template <class... Args>
std::string printed(const char* pattern, Args... args) {
  char text[352];  // the widest double in %.4f has 309 digits before the point
  std::snprintf(text, sizeof text, pattern, args...);
  return text;
}

}  // namespace

std::string value_text(double value) {
  if (std::isnan(value)) return "nan";  // printf would show the sign of a NaN
  return printed(std::fabs(value) > 1e-3 ? "%.4f" : "%.4e", value);
}

std::string step_time_text(double seconds) {
  if (seconds >= 1 || seconds == 0) return printed("%.0fs/step", seconds);
  if (seconds >= 1e-3) return printed("%.0fms/step", seconds * 1e3);
  return printed("%.0fus/step", seconds * 1e6);
}

std::string remaining_text(double seconds) {
  const long long whole = static_cast<long long>(seconds);
  if (seconds > 3600) return printed("%lld:%02lld:%02lld", whole / 3600, whole % 3600 / 60, whole % 60);
  if (seconds > 60) return printed("%lld:%02lld", whole / 60, whole % 60);
  return printed("%llds", whole);
}

std::string elapsed_text(double seconds) { return printed("%.0fs", seconds); }

std::string noise_scale_text(const NoiseScale& scale) {
  const auto samples = [](double value) {
    if (value < 10) return printed("%.2g", value);
    // Three digits that count: more would claim what the interval denies.
    const double unit = std::pow(10, std::max(0.0, std::floor(std::log10(value)) - 2));
    return std::isfinite(unit) ? printed("%.0f", std::round(value / unit) * unit) : value_text(value);
  };
  return samples(scale.value) + " (" + samples(scale.low) + "-" + samples(scale.high) + ")";
}

}  // namespace batchwise
