// A profile as a table.
#include <batchwise/profile.h>

#include <algorithm>
#include <cstdio>

#include "base/number_text.h"

namespace batchwise {
namespace {

constexpr size_t kShown = 24;  // rows; the others add up to one

std::string padded(const std::string& text, size_t width, bool right) {
  const size_t columns =
      static_cast<size_t>(std::count_if(text.begin(), text.end(), [](unsigned char c) { return (c & 0xC0) != 0x80; }));
  const std::string spaces(columns < width ? width - columns : 0, ' ');
  return right ? spaces + text : text + spaces;
}

template <class... Args>
std::string printed(const char* pattern, Args... args) {
  char text[64];
  std::snprintf(text, sizeof text, pattern, args...);
  return text;
}

std::string line(const Profile& profile, const ProfileRow& row, size_t width) {
  const double steps = static_cast<double>(std::max<int64_t>(1, profile.steps));
  std::string floor = "–";
  if (row.floor_seconds > 0 && row.seconds > 0) floor = printed("%.0f %%", 100 * row.floor_seconds / row.seconds);
  return "  " + padded(row.layer, width, false) + "  " + padded(row.work, 18, false) +
         padded(row.calls > 0 ? grouped_digits(row.calls) : "–", 12, true) +
         padded(printed("%.3f", 1e3 * row.seconds / steps), 12, true) +
         padded(printed("%.1f %%", profile.seconds > 0 ? 100 * row.seconds / profile.seconds : 0.0), 9, true) +
         padded(floor, 10, true) + "\n";
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Profile& profile) {
  size_t width = 5;
  for (size_t i = 0; i < std::min(kShown, profile.rows.size()); ++i)
    width = std::max(width, std::min<size_t>(40, profile.rows[i].layer.size()));
  out << "Where the time went: " << grouped_digits(profile.steps) << " steps, " << printed("%.3g", profile.seconds)
      << " s on " << profile.lanes << (profile.lanes == 1 ? " lane" : " lanes") << ", without the first step.";
  if (profile.rates.flops > 0)
    out << " The floor: what it takes at " << printed("%.0f", profile.rates.flops / 1e9) << " GFLOP/s and "
        << printed("%.1f", profile.rates.bytes / 1e9) << " GB/s of a lane.";
  out << "\n  " << padded("layer", width, false) << "  " << padded("work", 18, false) << padded("calls", 12, true)
      << padded("ms/step", 12, true) << padded("share", 9, true) << padded("of floor", 10, true) << "\n";
  for (size_t i = 0; i < std::min(kShown, profile.rows.size()); ++i) out << line(profile, profile.rows[i], width);
  if (profile.rows.size() <= kShown) return out;
  ProfileRow others{.layer = std::to_string(profile.rows.size() - kShown) + " others"};
  for (size_t i = kShown; i < profile.rows.size(); ++i) {
    others.calls += profile.rows[i].calls;
    others.seconds += profile.rows[i].seconds;
  }
  return out << line(profile, others, width);
}

}  // namespace batchwise
