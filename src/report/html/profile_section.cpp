// Where the time of a run went.
#include "report/html/profile_section.h"

#include <algorithm>
#include <cmath>

#include "report/html/figure.h"
#include "report/html/lookup.h"
#include "report/html/quantity.h"
#include "report/html/table.h"

namespace batchwise {
namespace {

constexpr size_t kBars = 12;

std::string percent(double part, double whole) {
  return whole > 0 ? show(std::round(1000 * part / whole) / 10, Unit::Number) + " %" : "–";
}

}  // namespace

std::string profile_section(const Config& profile) {
  const auto number = [](const Config& of, const char* key) { return number_of(of, key).value_or(0); };
  const double seconds = number(profile, "seconds"), steps = std::max(1.0, number(profile, "steps"));
  std::vector<Bar> bars;
  Table table{.caption = "By layer and kind of work",
              .head = {"layer", "work", "calls", "of a step", "share", "floor", "of floor"},
              .rows = {}};
  double floor = 0;
  for (const Config& row : list_of(profile, "rows")) {
    const std::string layer = text_of(row, "layer"), work = text_of(row, "work");
    const double spent = number(row, "seconds"), least = number(row, "floor_seconds");
    floor += least;
    if (bars.size() < kBars)
      bars.push_back({layer.empty() ? work : layer + ": " + work, spent / steps,
                      show(spent / steps, Unit::Seconds) + ", " + percent(spent, seconds), layer.empty() ? 1 : 0});
    table.rows.push_back({layer.empty() ? "–" : layer, work, show(number(row, "calls"), Unit::Count),
                          show(spent / steps, Unit::Seconds), percent(spent, seconds),
                          least > 0 ? show(least / steps, Unit::Seconds) : "–",
                          least > 0 ? percent(least, spent) : "–"});
  }
  if (bars.empty()) return "";
  const std::string note =
      show(number(profile, "steps"), Unit::Count) + " steps in " + show(seconds, Unit::Seconds) + " on " +
      show(number(profile, "lanes"), Unit::Count) + " lanes, without the first." +
      (number(profile, "flops_per_second") > 0
           ? " The floor is what work takes at " + show(number(profile, "flops_per_second") / 1e9, Unit::Count) +
                 " GFLOP/s and " + show(number(profile, "bytes_per_second"), Unit::Bytes) +
                 "/s of a lane, measured when training began; all floors together are " + percent(floor, seconds) +
                 " of the time."
           : " No floor: a lane's memory is too small to measure the machine in.");
  return bars_html("profile", "Where the time of a step went", note, bars) + table_html(table);
}

}  // namespace batchwise
