// From values to places on an axis.
#include "report/html/scale.h"

#include <algorithm>
#include <cmath>

namespace batchwise {
namespace {

constexpr double kLargest = 1e100;  // beyond it nothing can be drawn: differences must stay finite

// The step between marks: 1, 2 or 5 times a power of ten; of bytes a power of two; of time what clocks show.
double round_step(double least_step, Unit unit) {
  if (unit == Unit::Bytes) return std::exp2(std::max(0.0, std::ceil(std::log2(least_step))));
  if (unit == Unit::Seconds && least_step > 10)
    for (const double step :
         {15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0, 14400.0, 43200.0, 86400.0})
      if (step >= least_step) return step;
  const double power = std::pow(10, std::floor(std::log10(least_step)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (factor * power >= least_step * (1 - 1e-9)) return factor * power;
  return 10 * power;
}

std::vector<double> even_marks(double least, double most, Unit unit, int about) {
  std::vector<double> marks;
  double step = round_step((most - least) / about, unit);
  if (unit == Unit::Count) step = std::max(step, 1.0);
  if (!(step > 0) || !std::isfinite(step)) return {least};
  for (double k = std::ceil(least / step - 1e-9); k * step <= most + 1e-9 * step && marks.size() < 40; ++k)
    marks.push_back(k * step == 0 ? 0 : k * step);  // never -0
  return marks;
}

std::vector<double> logarithmic_marks(double least, double most, Unit unit, int about) {
  if (most / least < 5) {
    std::vector<double> marks = even_marks(least, most, unit, about);
    std::erase_if(marks, [](double mark) { return mark <= 0; });
    return marks;
  }
  const double base = unit == Unit::Bytes ? 2 : 10;
  const double span = std::log(most / least) / std::log(base);
  const int apart = std::max(1, static_cast<int>(std::ceil(span / about)));
  std::vector<double> marks;
  const std::vector<double> factors = base == 10 && span < 2.5 ? std::vector{1.0, 2.0, 5.0} : std::vector{1.0};
  const double first = std::floor(std::log(least) / std::log(base));
  for (double power = std::floor(first / apart) * apart; marks.size() < 40; power += apart) {
    if (std::pow(base, power) > most) break;
    for (const double factor : factors)
      if (const double mark = factor * std::pow(base, power); mark >= least * (1 - 1e-9) && mark <= most * (1 + 1e-9))
        marks.push_back(mark);
  }
  return marks;
}

}  // namespace

Scale::Scale(const Axis& axis, const std::vector<double>& values, double room) : axis_(axis) {
  if (axis_.logarithmic && std::none_of(values.begin(), values.end(), [&](double value) { return shows(value); }))
    axis_.logarithmic = false;
  for (const double value : values) {
    if (!shows(value) || value > axis_.ceiling) continue;
    least_ = empty_ ? value : std::min(least_, value);
    most_ = empty_ ? value : std::max(most_, value);
    empty_ = false;
  }
  if (axis_.from_zero && !axis_.logarithmic) {
    least_ = std::min(least_, 0.0);
    most_ = std::max(most_, 0.0);
  }
  if (axis_.logarithmic) {
    const double factor = least_ == most_ ? 2 : std::pow(most_ / least_, room);
    least_ /= factor;
    most_ *= factor;
  } else {
    const double length = most_ - least_;
    const double more = length > 0 ? length * room : std::max(std::fabs(most_) * 0.1, 1e-12);
    // No room below zero where nothing is: it would say that there can be less.
    const double lower = axis_.from_zero && least_ == 0 ? 0 : least_ - more;
    least_ = least_ >= 0 ? std::max(0.0, lower) : lower;
    most_ += more;
  }
}

bool Scale::shows(double value) const {
  return axis_.logarithmic ? value >= 1 / kLargest && value <= kLargest : std::fabs(value) <= kLargest;
}

double Scale::place(double value) const {
  const double place =
      axis_.logarithmic ? std::log(value / least_) / std::log(most_ / least_) : (value - least_) / (most_ - least_);
  return std::isfinite(place) ? place : 0;
}

std::vector<double> Scale::marks(int about) const {
  if (!axis_.labels.empty()) return {};
  if (!axis_.at.empty()) {
    std::vector<double> marks = axis_.at;
    std::erase_if(marks, [&](double mark) { return !shows(mark) || place(mark) < -1e-9 || place(mark) > 1 + 1e-9; });
    return marks;
  }
  return axis_.logarithmic ? logarithmic_marks(least_, most_, axis_.unit, about)
                           : even_marks(least_, most_, axis_.unit, about);
}

std::string axis_text(const Axis& axis, double value) {
  const auto index = static_cast<size_t>(value);
  if (!axis.labels.empty()) return value >= 0 && index < axis.labels.size() ? axis.labels[index] : "";
  return show_short(value, axis.unit);
}

std::string axis_text_whole(const Axis& axis, double value) {
  return axis.labels.empty() ? show(value, axis.unit) : axis_text(axis, value);
}

}  // namespace batchwise
