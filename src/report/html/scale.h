// From values to places on an axis, and the round values that are marked there.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "report/html/quantity.h"

namespace batchwise {

struct Axis {
  std::string title;
  Unit unit = Unit::Number;
  bool logarithmic = false;  // values that are not positive are left out
  bool from_zero = false;
  double ceiling = std::numeric_limits<double>::infinity();  // values above it are beyond the picture
  std::vector<double> at;                                    // where the marks are; empty: at round values
  std::vector<std::string> labels;                           // of the places 0, 1, 2, ...: instead of numbers
};

class Scale {
 public:
  // The whole of `values`: those that are not finite, or not positive on a logarithmic axis, do not count.
  // `room`: share of the length that is added at the ends.
  Scale(const Axis& axis, const std::vector<double>& values, double room);

  bool empty() const { return empty_; }  // there was no value
  bool shows(double value) const;
  double place(double value) const;  // 0 at the lower end, 1 at the upper. REQUIRES: shows(value)
  double least() const { return least_; }
  double most() const { return most_; }
  std::vector<double> marks(int about) const;  // of the axis, or round values

 private:
  Axis axis_;
  bool empty_ = true;
  double least_ = 0, most_ = 1;
};

std::string axis_text(const Axis& axis, double value);        // beside the axis
std::string axis_text_whole(const Axis& axis, double value);  // in a reading or a table

}  // namespace batchwise
