// What a picture says at each place along it.
#include <algorithm>
#include <cmath>
#include <optional>

#include "report/html/chart.h"

namespace batchwise {
namespace {

std::string value_of(const Axis& axis, const Point& point) {
  std::string text = axis_text_whole(axis, point.y);
  if (std::isfinite(point.low) && std::isfinite(point.high))
    text += " (" + axis_text_whole(axis, point.low) + " to " + axis_text_whole(axis, point.high) + ")";
  return text;
}

std::string place_of(const Axis& axis, double x) {
  const std::string text = axis_text_whole(axis, x);
  return axis.labels.empty() && !axis.title.empty() ? axis.title + " " + text : text;
}

// Between two points of a line, what the line shows there; nothing before the first point and after the last.
std::optional<double> between(const Series& series, double x) {
  const auto after = std::lower_bound(series.points.begin(), series.points.end(), x,
                                      [](const Point& point, double value) { return point.x < value; });
  if (!series.line || after == series.points.begin() || after == series.points.end()) return std::nullopt;
  const Point &left = *(after - 1), &right = *after;
  const double y = series.steps ? left.y : left.y + (right.y - left.y) * (x - left.x) / (right.x - left.x);
  return std::isfinite(y) ? std::optional(y) : std::nullopt;
}

std::vector<double> places(const Chart& chart, size_t most) {
  std::vector<double> all;
  for (const Series& series : chart.series)
    for (const Point& point : series.points)
      if (std::isfinite(point.x) && (!chart.x.logarithmic || point.x > 0)) all.push_back(point.x);
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  const size_t apart = most > 0 ? (all.size() + most - 1) / most : 1;
  if (apart <= 1) return all;
  std::vector<double> some;
  for (size_t i = 0; i < all.size(); ++i)
    if (i % apart == 0 || i + 1 == all.size()) some.push_back(all[i]);  // the last: it is where the run stands
  return some;
}

void add(const Chart& chart, const Series& series, Reading& reading, std::string& notes, double& height) {
  const std::string name = "\n" + (series.name.empty() ? "" : series.name + ": ");
  const auto first = std::lower_bound(series.points.begin(), series.points.end(), reading.x,
                                      [](const Point& point, double value) { return point.x < value; });
  if (first == series.points.end() || first->x != reading.x) {
    if (chart.stacked) return;
    if (const auto y = between(series, reading.x)) {
      reading.text += name + "≈ " + axis_text_whole(chart.y, *y);
      reading.points.emplace_back(series.colour, *y);
    }
    return;
  }
  for (auto point = first; point != series.points.end() && point->x == reading.x; ++point) {
    if (!chart.stacked || point->y != 0) reading.text += name + value_of(chart.y, *point);
    if (chart.stacked) height += point->y;
    else if (std::isfinite(point->y)) reading.points.emplace_back(series.colour, point->y);
    // What two series have to say alike is said once.
    if (!point->note.empty() && notes.find(point->note) == std::string::npos) notes += "\n" + point->note;
  }
}

}  // namespace

std::vector<Reading> readings(const Chart& chart, size_t most) {
  std::vector<Reading> all;
  for (const double x : places(chart, most)) {
    Reading reading{.x = x, .text = "", .points = {}};
    std::string notes, total;
    double height = 0;
    for (const Series& series : chart.series) add(chart, series, reading, notes, height);
    if (chart.stacked) {
      total = "\ntogether: " + axis_text_whole(chart.y, height);
      reading.points.emplace_back(-1, height);
    }
    reading.text = place_of(chart.x, x) + total + reading.text + notes;
    all.push_back(std::move(reading));
  }
  return all;
}

}  // namespace batchwise
