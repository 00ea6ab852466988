// The shapes that values become.
#include "report/html/chart_shapes.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "report/html/markup.h"

namespace batchwise {
namespace {

constexpr size_t kMostPoints = 600;  // of a line: more than a screen shows

std::string colour_class(int colour) { return "c" + std::to_string(std::clamp(colour, 0, kColours - 1)); }

bool shown(const Point& point, const Frame& frame) { return frame.along.shows(point.x) && frame.up.shows(point.y); }

std::string place(double percent, double y) { return coordinate(10 * percent) + " " + coordinate(y); }

// Every stretch keeps its ends, its least and its most: a spike stays one.
std::vector<Point> thinned(const std::vector<Point>& points) {
  if (points.size() <= kMostPoints) return points;
  std::vector<Point> kept;
  const size_t stretch = (points.size() * 4 + kMostPoints - 1) / kMostPoints;
  for (size_t first = 0; first < points.size(); first += stretch) {
    const size_t last = std::min(first + stretch, points.size()) - 1;
    size_t least = first, most = first;
    for (size_t i = first; i <= last; ++i) {
      if (points[i].y < points[least].y) least = i;
      if (points[i].y > points[most].y) most = i;
    }
    size_t before = points.size();
    for (const size_t i : {first, std::min(least, most), std::max(least, most), last})
      if (i != before) kept.push_back(points[before = i]);
  }
  return kept;
}

// A line is broken where a value is missing.
std::string line_path(const Series& series, const Frame& frame) {
  std::string path;
  bool drawing = false;
  double last_height = 0;
  for (const Point& point : thinned(series.points)) {
    if (!shown(point, frame)) {
      drawing = false;
      continue;
    }
    const double x = frame.across(point.x), y = frame.height(point.y);
    if (drawing && series.steps) path += "L" + place(x, last_height);
    path += (drawing ? "L" : "M") + place(x, y);
    if (!drawing) path += "h0";  // a single point is a dot of the pen
    drawing = true;
    last_height = y;
  }
  return path;
}

double bound_height(double bound, const Frame& frame) {
  // Below every positive value: the lower end of a logarithmic axis.
  if (!frame.up.shows(bound)) return kHeight;
  return std::clamp(frame.height(bound), 0.0, kHeight);
}

std::string band_path(const std::vector<Point>& points, const Frame& frame) {
  std::string path, back;
  const auto close = [&] {
    if (!back.empty()) path += back + "Z";
    back.clear();
  };
  for (const Point& point : points) {
    if (!shown(point, frame) || !std::isfinite(point.low) || !std::isfinite(point.high)) {
      close();
      continue;
    }
    const double x = frame.across(point.x);
    path += (back.empty() ? "M" : "L") + place(x, bound_height(point.high, frame));
    back = "L" + place(x, bound_height(point.low, frame)) + back;
  }
  close();
  return path;
}

std::string whisker(const Point& point, const std::string& style, const Frame& frame) {
  if (!std::isfinite(point.low) || !std::isfinite(point.high)) return "";
  const std::string x = coordinate(frame.across(point.x)) + "%";
  return "<line class=\"whisker " + style + "\" x1=\"" + x + "\" x2=\"" + x + "\" y1=\"" +
         coordinate(bound_height(point.high, frame)) + "\" y2=\"" + coordinate(bound_height(point.low, frame)) +
         "\"/>\n";
}

}  // namespace

std::string lines_svg(const Series& series, const Frame& frame) {
  const std::string style =
      colour_class(series.colour) + (series.dashed ? " dashed" : "") + (series.faint ? " faint" : "");
  std::string text;
  if (series.bounds == Bounds::Band)
    if (const std::string path = band_path(series.points, frame); !path.empty())
      text += "<path class=\"band " + style + "\" d=\"" + path + "\"/>\n";
  if (series.line)
    if (const std::string path = line_path(series, frame); !path.empty())
      text += "<path class=\"line " + style + "\" d=\"" + path + "\"/>\n";
  return text;
}

std::string dots_svg(const Series& series, const Frame& frame) {
  const std::string style = colour_class(series.colour) + (series.faint ? " faint" : "");
  std::string text;
  for (const Point& point : series.points) {
    if (!shown(point, frame) || frame.up.place(point.y) > 1) continue;
    if (series.bounds == Bounds::Whiskers) text += whisker(point, style, frame);
    if (series.dots)
      text += "<circle class=\"dot " + style + "\" cx=\"" + coordinate(frame.across(point.x)) + "%\" cy=\"" +
              coordinate(frame.height(point.y)) + "\" r=\"" + (series.points.size() > 60 ? "2" : "3.5") + "\"/>\n";
  }
  return text;
}

// Each place holds from its own mark to the next one: bytes do not change on the way.
std::string stack_svg(const Chart& chart, const Frame& frame) {
  std::map<double, double> base;
  std::string text;
  for (const Series& series : chart.series) {
    std::string top, bottom;
    bool any = false;
    for (size_t i = 0; i < series.points.size(); ++i) {
      const Point& point = series.points[i];
      if (!frame.along.shows(point.x) || !std::isfinite(point.y)) continue;
      double& below = base[point.x];
      const double left = frame.across(point.x);
      const double right = i + 1 < series.points.size() ? frame.across(series.points[i + 1].x) : 100;
      const double lower = frame.height(below), upper = frame.height(below + point.y);
      below += point.y;
      any = any || point.y > 0;
      top += (top.empty() ? "M" : "L") + place(left, upper) + "L" + place(right, upper);
      bottom = "L" + place(right, lower) + "L" + place(left, lower) + bottom;
    }
    if (any) text += "<path class=\"area " + colour_class(series.colour) + "\" d=\"" + top + bottom + "Z\"/>\n";
  }
  return text;
}

}  // namespace batchwise
