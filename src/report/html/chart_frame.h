// What lies around the values of a picture: axes, lines at the marks, and the places that values have.
#pragma once

#include <string>

#include "report/html/chart.h"

namespace batchwise {

constexpr double kHeight = 260;  // pixels

struct Frame {
  Scale along, up;

  double across(double x) const { return 100 * along.place(x); }         // percent of the width
  double height(double y) const { return kHeight * (1 - up.place(y)); }  // pixels from the top
};

std::string frame_svg(const Axis& x, const Axis& y, const Frame& frame);
std::string mark_svg(const Mark& mark, const Frame& frame, int row);  // row: of its text, from the top

}  // namespace batchwise
