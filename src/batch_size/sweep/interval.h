// Means of a few measurements, with the interval that their number allows.
#pragma once

#include <span>

#include <batchwise/sweep.h>

namespace batchwise {

// REQUIRES: values is not empty.
Interval interval_of(std::span<const double> values);

// The probability that measurements like `a` have the smaller mean, by Welch's test. Nothing when either has fewer than
// two.
std::optional<double> probability_smaller(std::span<const double> a, std::span<const double> b);

}  // namespace batchwise
