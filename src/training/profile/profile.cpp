// A profile as a table.
#include <batchwise/profile.h>

#include <algorithm>
#include <cstdio>

#include <batchwise/byte_size.h>

#include "base/number_text.h"
#include "base/padded.h"
#include "training/profile/between_steps.h"

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
  const double steps = static_cast<double>(profile.steps);
  const auto percent = [](double part, double whole, const char* pattern) {
    return part > 0 && whole > 0 ? printed(pattern, 100 * part / whole) : "–";
  };
  return "  " + padded(row.layer, width, Aligned::Left) + "  " + padded(row.work, 18, Aligned::Left) +
         padded(row.calls > 0 ? grouped_digits(row.calls) : "–", 12, Aligned::Right) +
         padded(printed("%.3f", 1e3 * row.seconds / steps), 12, Aligned::Right) +
         padded(row.bytes > 0 ? printed("%.3f", row.bytes / steps / static_cast<double>(MiB(1))) : "–", 12,
                Aligned::Right) +
         padded(percent(row.seconds, profile.seconds, "%.1f %%"), 9, Aligned::Right) +
         padded(percent(row.floor_seconds, row.seconds, "%.0f %%"), 14, Aligned::Right) + "\n";
}

// Calls of different work are no number to tell.
void add_to(ProfileRow& sum, const ProfileRow& row) {
  sum.seconds += row.seconds;
  sum.bytes += row.bytes;
  sum.floor_seconds += row.floor_seconds;
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Profile& profile) {
  if (profile.steps == 0)
    return out << "Where the time went: not known, since the first step is left out and there was no other.\n";
  size_t width = 12;
  for (size_t i = 0; i < std::min(kShown, profile.rows.size()); ++i)
    width = std::max(width, std::min<size_t>(40, profile.rows[i].layer.size()));
  out << "Where the time went: " << grouped_digits(profile.steps) << " steps, " << printed("%.3g", profile.seconds)
      << " s on " << profile.lanes << (profile.lanes == 1 ? " lane" : " lanes") << ", without the first step.";
  out << "\n  " << padded("layer", width, Aligned::Left) << "  " << padded("work", 18, Aligned::Left)
      << padded("calls", 12, Aligned::Right) << padded("ms/step", 12, Aligned::Right)
      << padded("MiB/step", 12, Aligned::Right) << padded("share", 9, Aligned::Right)
      << padded("floor ÷ time", 14, Aligned::Right) << "\n";
  ProfileRow step{.layer = "a whole step"}, others;
  for (size_t i = 0; i < profile.rows.size(); ++i) {
    const ProfileRow& row = profile.rows[i];
    if (!lies_between_steps(row.layer, row.work)) add_to(step, row);
    if (i < kShown) out << line(profile, row, width);
    else add_to(others, row);
  }
  if (profile.rows.size() > kShown) {
    others.layer = std::to_string(profile.rows.size() - kShown) + " others";
    out << line(profile, others, width);
  }
  out << line(profile, step, width);
  if (profile.rates.flops > 0)
    out << "floor ÷ time: how near work is to the least time it could take, at the "
        << printed("%.0f", profile.rates.flops / 1e9) << " GFLOP/s and " << printed("%.1f", profile.rates.bytes / 1e9)
        << " GB/s of a lane that were measured when training began; 100 % is as fast as that.\n";
  return out;
}

}  // namespace batchwise
