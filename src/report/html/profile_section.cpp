// Where the time of a run went.
#include "report/html/profile_section.h"

#include <algorithm>
#include <cmath>

#include "report/html/figure.h"
#include "report/html/lookup.h"
#include "report/html/quantity.h"
#include "report/html/table.h"
#include "training/profile/between_steps.h"

namespace batchwise {
namespace {

constexpr size_t kBars = 12;

std::string percent(double part, double whole) {
  return whole > 0 ? show(std::round(1000 * part / whole) / 10, Unit::Number) + " %" : "–";
}

std::string mebibytes(double bytes) { return bytes > 0 ? show(bytes / 0x1p20, Unit::Number) : "–"; }

}  // namespace

std::string profile_section(const Config& profile) {
  const auto number = [](const Config& of, const char* key) { return number_of(of, key).value_or(0); };
  const double seconds = number(profile, "seconds"), steps = std::max(1.0, number(profile, "steps"));
  std::vector<Bar> bars;
  Table table{.caption = "By layer and kind of work",
              .head = {"layer", "work", "calls", "time of a step", "MiB of a step", "share", "floor", "floor ÷ time"},
              .rows = {}};
  double step = 0, bytes = 0, floor = 0;
  const auto cells = [&](double spent, double moved, double least) {
    return std::vector<std::string>{show(spent / steps, Unit::Seconds), mebibytes(moved / steps),
                                    percent(spent, seconds), least > 0 ? show(least / steps, Unit::Seconds) : "–",
                                    least > 0 ? percent(least, spent) : "–"};
  };
  const auto add = [&](std::vector<std::string> row, const std::vector<std::string>& more) {
    row.insert(row.end(), more.begin(), more.end());
    table.rows.push_back(std::move(row));
  };
  for (const Config& row : list_of(profile, "rows")) {
    const std::string layer = text_of(row, "layer"), work = text_of(row, "work");
    const double spent = number(row, "seconds"), moved = number(row, "bytes"), least = number(row, "floor_seconds");
    const double calls = number(row, "calls");
    if (!lies_between_steps(layer, work)) {
      step += spent;
      bytes += moved;
      floor += least;
    }
    if (bars.size() < kBars)
      bars.push_back({layer.empty() ? work : layer + ": " + work, spent / steps,
                      show(spent / steps, Unit::Seconds) + ", " + percent(spent, seconds), layer.empty() ? 1 : 0});
    add({layer.empty() ? "–" : layer, work, calls > 0 ? show(calls, Unit::Count) : "–"}, cells(spent, moved, least));
  }
  if (bars.empty()) return "";
  add({"a whole step", "", "–"}, cells(step, bytes, floor));
  table.chosen = {table.rows.size() - 1};
  const double lanes = number(profile, "lanes");
  const std::string note = show(number(profile, "steps"), Unit::Count) + " steps in " + show(seconds, Unit::Seconds) +
                           " on " + show(lanes, Unit::Count) + (lanes == 1 ? " lane" : " lanes") +
                           ", without the first.";
  const std::string about_floor =
      number(profile, "flops_per_second") > 0
          ? "<p>Floor ÷ time says how near work is to the least time that it could take, at the " +
                show(number(profile, "flops_per_second") / 1e9, Unit::Count) + " GFLOP/s and " +
                show(number(profile, "bytes_per_second") / 1e9, Unit::Number) +
                " GB/s of a lane that were measured when training began; 100 % is as fast as that.</p>\n"
          : "";
  return bars_html("profile", "Where the time of a step went", note, bars) + table_html(table) + about_floor;
}

}  // namespace batchwise
