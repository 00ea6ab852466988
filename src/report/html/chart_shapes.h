// The shapes that values become: lines, bands, dots, whiskers and stacked areas.
#pragma once

#include <string>

#include "report/html/chart_frame.h"

namespace batchwise {

std::string lines_svg(const Series& series, const Frame& frame);  // within a picture 1000 wide
std::string stack_svg(const Chart& chart, const Frame& frame);    // within a picture 1000 wide
std::string dots_svg(const Series& series, const Frame& frame);   // in percent of the width

}  // namespace batchwise
