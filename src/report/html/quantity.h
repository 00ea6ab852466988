// Numbers as a reader wants them: with their unit, and with as many digits as tell something.
#pragma once

#include <string>

namespace batchwise {

// Metric: a loss or a metric, with the digits that Keras shows.
enum class Unit { Number, Metric, Count, Bytes, Seconds };

std::string show(double value, Unit unit);        // "0.8871", "60,000", "23.4 MiB", "1 min 12 s"
std::string show_short(double value, Unit unit);  // beside an axis: "60k", "24 MiB", "1.2 min"

}  // namespace batchwise
