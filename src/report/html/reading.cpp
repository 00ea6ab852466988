// What a picture says at each place along it.
#include <algorithm>
#include <cmath>
#include <map>

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

}  // namespace

std::vector<Reading> readings(const Chart& chart, size_t most) {
  std::map<double, Reading> at;
  std::map<double, double> height;  // of what is stacked so far
  std::map<double, std::string> notes;
  for (const Series& series : chart.series)
    for (const Point& point : series.points) {
      if (!std::isfinite(point.x) || (chart.x.logarithmic && point.x <= 0)) continue;
      Reading& reading = at[point.x];
      reading.x = point.x;
      double& base = height[point.x];
      if (!chart.stacked || point.y != 0) {
        reading.text += "\n" + (series.name.empty() ? "" : series.name + ": ") + value_of(chart.y, point);
        if (!chart.stacked && std::isfinite(point.y)) reading.points.emplace_back(series.colour, point.y);
      }
      if (chart.stacked) base += point.y;
      std::string& said = notes[point.x];  // what two series have to say alike is said once
      if (!point.note.empty() && said.find(point.note) == std::string::npos) said += "\n" + point.note;
    }
  std::vector<Reading> all;
  const size_t apart = most > 0 ? (at.size() + most - 1) / most : 1;
  size_t index = 0;
  for (auto& [x, reading] : at) {
    // The last is always said: it is where the run stands.
    if (index++ % std::max<size_t>(apart, 1) != 0 && index != at.size()) continue;
    std::string total;
    if (chart.stacked) {
      total = "\ntogether: " + axis_text_whole(chart.y, height[x]);
      reading.points.emplace_back(-1, height[x]);
    }
    reading.text = place_of(chart.x, x) + total + reading.text + notes[x];
    all.push_back(std::move(reading));
  }
  return all;
}

}  // namespace batchwise
