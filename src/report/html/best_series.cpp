// Of several values at one place the best, and the others.
#include "report/html/best_series.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace batchwise {

void add_best(Chart& chart, const std::string& name, const std::string& others, int colour,
              const std::vector<Point>& points, bool larger_is_better) {
  std::map<double, Point> best;
  Series rest{.name = name + ", " + others,
              .colour = colour,
              .points = {},
              .line = false,
              .dots = true,
              .faint = true,
              .bounds = Bounds::Whiskers};
  for (Point point : points) {
    if (!std::isfinite(point.x) || !std::isfinite(point.y)) continue;
    const auto [at, first] = best.emplace(point.x, point);
    if (first) continue;
    if (larger_is_better ? point.y > at->second.y : point.y < at->second.y) std::swap(at->second, point);
    rest.points.push_back(std::move(point));
  }
  std::stable_sort(rest.points.begin(), rest.points.end(), [](const Point& a, const Point& b) { return a.x < b.x; });
  Series line{.name = name, .colour = colour, .points = {}, .dots = true, .bounds = Bounds::Whiskers};
  for (const auto& [x, point] : best) line.points.push_back(point);
  if (!rest.points.empty()) chart.series.push_back(std::move(rest));
  if (!line.points.empty()) chart.series.push_back(std::move(line));
}

}  // namespace batchwise
