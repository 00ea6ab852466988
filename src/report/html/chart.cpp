// A picture of values as SVG. Across, places are percentages: the picture is as wide as its place, its text is not
// stretched.
#include "report/html/chart.h"

#include <algorithm>
#include <cmath>

#include "report/html/chart_frame.h"
#include "report/html/chart_shapes.h"
#include "report/html/markup.h"

namespace batchwise {
namespace {

constexpr size_t kMostReadings = 120;

std::vector<double> values_across(const Chart& chart) {
  std::vector<double> values;
  for (const Series& series : chart.series)
    for (const Point& point : series.points)
      if (std::isfinite(point.y)) values.push_back(point.x);
  // What is stacked holds from a place to the next: the last needs its own width.
  if (chart.stacked && !values.empty()) values.push_back(*std::max_element(values.begin(), values.end()) + 1);
  for (const Mark& mark : chart.marks)
    if (mark.axis == Mark::Across::X) values.push_back(mark.at);
  return values;
}

// Bounds that reach far out may be cut: they say how little is known, and would flatten everything else.
std::vector<double> values_up(const Chart& chart) {
  std::vector<double> values;
  if (chart.stacked) {
    for (const Reading& reading : readings(chart, 0)) values.push_back(reading.points.back().second);
    values.push_back(0);
  } else {
    for (const Series& series : chart.series)
      for (const Point& point : series.points) values.push_back(point.y);
  }
  for (const Mark& mark : chart.marks)
    if (mark.axis == Mark::Across::Y) values.push_back(mark.at);
  const Scale inner(chart.y, values, 0);
  if (inner.empty()) return values;
  const double reach = inner.most() - inner.least();
  for (const Series& series : chart.series)
    for (const Point& point : series.points)
      for (const double bound : {point.low, point.high}) {
        if (!inner.shows(bound)) continue;
        if (chart.y.logarithmic) values.push_back(std::clamp(bound, inner.least() / 10, inner.most() * 10));
        else values.push_back(reach > 0 ? std::clamp(bound, inner.least() - reach, inner.most() + reach) : bound);
      }
  return values;
}

std::string hits(const Chart& chart, const Frame& frame) {
  const std::vector<Reading> all = readings(chart, kMostReadings);
  std::string text;
  for (size_t i = 0; i < all.size(); ++i) {
    const double here = frame.across(all[i].x);
    const double before = i > 0 ? frame.across(all[i - 1].x) : -here;
    const double next = i + 1 < all.size() ? frame.across(all[i + 1].x) : chart.stacked ? 100 : 200 - here;
    const double left = chart.stacked ? here : (before + here) / 2, right = chart.stacked ? next : (here + next) / 2;
    const double middle = chart.stacked ? (here + next) / 2 : here;
    std::string dots;
    for (const auto& [colour, y] : all[i].points)
      if (frame.up.shows(y) && frame.up.place(y) <= 1)
        dots += (dots.empty() ? "" : " ") + coordinate(frame.height(y)) + ":" + std::to_string(colour);
    text += "<rect class=\"hit\" x=\"" + coordinate(left) + "%\" y=\"0\" width=\"" +
            coordinate(std::max(0.0, right - left)) + "%\" height=\"" + coordinate(kHeight) + "\" data-x=\"" +
            coordinate(middle) + "\" data-dots=\"" + dots + "\"><title>" + escaped(all[i].text) + "</title></rect>\n";
  }
  return text;
}

std::string marks(const Chart& chart, const Frame& frame) {
  std::string text;
  int row = 0;  // texts at the top go below one another
  for (const Mark& mark : chart.marks) text += mark_svg(mark, frame, mark.axis == Mark::Across::X ? row++ : 0);
  return text;
}

}  // namespace

bool nothing_to_draw(const Chart& chart) {
  for (const Series& series : chart.series)
    for (const Point& point : series.points)
      if (!Scale(chart.x, {point.x}, 0).empty() && !Scale(chart.y, {point.y}, 0).empty()) return false;
  return true;
}

std::string chart_svg(const Chart& chart, const std::string& label) {
  bool dots = false;
  for (const Series& series : chart.series) dots = dots || series.dots;
  const Frame frame{Scale(chart.x, values_across(chart), dots || !chart.x.at.empty() ? 0.04 : 0.0),
                    Scale(chart.y, values_up(chart), chart.stacked && !chart.marks.empty() ? 0.15 : 0.06)};
  std::string text = "<svg class=\"chart\" role=\"img\" tabindex=\"0\" aria-label=\"" + escaped(label) +
                     "\" width=\"100%\" height=\"" + coordinate(kHeight) + "\">\n";
  text += frame_svg(chart.x, chart.y, frame);
  // Lines are paths of a picture that is stretched to the width: its pen is not.
  text += "<svg class=\"ink\" width=\"100%\" height=\"" + coordinate(kHeight) + "\" viewBox=\"0 0 1000 " +
          coordinate(kHeight) + "\" preserveAspectRatio=\"none\">\n";
  text += chart.stacked ? stack_svg(chart, frame) : "";
  if (!chart.stacked)
    for (const Series& series : chart.series) text += lines_svg(series, frame);
  text += "</svg>\n";
  text += marks(chart, frame);
  if (!chart.stacked)
    for (const Series& series : chart.series) text += dots_svg(series, frame);
  text += "<g class=\"cursor\"></g>\n" + hits(chart, frame);
  return text + "</svg>\n";
}

}  // namespace batchwise
