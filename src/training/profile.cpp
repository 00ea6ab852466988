// A profile as a table.
#include <batchwise/profile.h>

#include <algorithm>
#include <cstdio>

#include "base/number_text.h"
#include "base/padded.h"

namespace batchwise {
namespace {

constexpr size_t kShown = 24;  // rows; the others add up to one

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
  return "  " + padded(row.layer, width, Aligned::Left) + "  " + padded(row.work, 18, Aligned::Left) +
         padded(row.calls > 0 ? grouped_digits(row.calls) : "–", 12, Aligned::Right) +
         padded(printed("%.3f", 1e3 * row.seconds / steps), 12, Aligned::Right) +
         padded(printed("%.1f %%", profile.seconds > 0 ? 100 * row.seconds / profile.seconds : 0.0), 9,
                Aligned::Right) +
         padded(floor, 10, Aligned::Right) + "\n";
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Profile& profile) {
  if (profile.steps == 0)
    return out << "Where the time went: not known, since the first step is left out and there was no other.\n";
  size_t width = 5;
  for (size_t i = 0; i < std::min(kShown, profile.rows.size()); ++i)
    width = std::max(width, std::min<size_t>(40, profile.rows[i].layer.size()));
  out << "Where the time went: " << grouped_digits(profile.steps) << " steps, " << printed("%.3g", profile.seconds)
      << " s on " << profile.lanes << (profile.lanes == 1 ? " lane" : " lanes") << ", without the first step.";
  if (profile.rates.flops > 0)
    out << " The floor: what it takes at " << printed("%.0f", profile.rates.flops / 1e9) << " GFLOP/s and "
        << printed("%.1f", profile.rates.bytes / 1e9) << " GB/s of a lane.";
  else out << " No floor: a lane's memory is too small to measure the machine in.";
  out << "\n  " << padded("layer", width, Aligned::Left) << "  " << padded("work", 18, Aligned::Left)
      << padded("calls", 12, Aligned::Right) << padded("ms/step", 12, Aligned::Right)
      << padded("share", 9, Aligned::Right) << padded("of floor", 10, Aligned::Right) << "\n";
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
