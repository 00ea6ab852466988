// Of several values at one place the best, joined by a line, and the others as faint dots.
#pragma once

#include <string>
#include <vector>

#include "report/html/chart.h"

namespace batchwise {

// Adds what `points` hold, in any order, to the chart. `others`: what the rest is called in the key.
void add_best(Chart& chart, const std::string& name, const std::string& others, int colour,
              const std::vector<Point>& points, bool larger_is_better);

}  // namespace batchwise
