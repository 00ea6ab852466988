// A picture of values: series, bands, areas and marks over two axes.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "report/html/scale.h"

namespace batchwise {

constexpr double kUnknownValue = std::numeric_limits<double>::quiet_NaN();

struct Point {
  double x = 0, y = 0;
  double low = kUnknownValue, high = kUnknownValue;  // bounds of y, when they are known
  std::string note;                                  // said where the point is read
};

// How the bounds of a series are drawn.
enum class Bounds { Band, Whiskers };

struct Series {
  std::string name;
  int colour = 0;             // 0 to kColours - 1, of the palette
  std::vector<Point> points;  // x ascending
  bool line = true, dots = false, dashed = false, steps = false, faint = false;
  Bounds bounds = Bounds::Band;
};
constexpr int kColours = 8;

// A line across the picture, at one value of an axis; with bounds also the band between them.
struct Mark {
  enum class Across { X, Y } axis = Across::Y;
  double at = 0;
  std::string text;
  double low = kUnknownValue, high = kUnknownValue;
};

struct Chart {
  Axis x, y;
  std::vector<Series> series;
  std::vector<Mark> marks;
  bool stacked = false;  // areas upon each other; the series have the same x
};

// Nothing that could be drawn: no point is finite (and positive, where an axis is logarithmic).
bool nothing_to_draw(const Chart& chart);

// An SVG element as wide as its place. It needs no script: every reading has a title. REQUIRES: !nothing_to_draw.
std::string chart_svg(const Chart& chart, const std::string& label);

// What is said at one x: a line for each series that has a point there, or is drawn across it.
struct Reading {
  double x = 0;
  std::string text;                            // with line feeds
  std::vector<std::pair<int, double>> points;  // colour and y, as drawn
};
std::vector<Reading> readings(const Chart& chart, size_t most);

// Key of the series, in HTML; "" when there is nothing to tell apart.
std::string chart_legend(const Chart& chart);

}  // namespace batchwise
