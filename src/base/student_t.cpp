// Student's t distribution through the incomplete beta function.
#include "base/student_t.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <batchwise/error.h>

namespace batchwise {
namespace {

// From here on the distribution differs from the normal one by less than the continued fraction rounds.
constexpr double kNearlyNormal = 1e8;

// The continued fraction of the incomplete beta function, by Lentz's method. Converges in about sqrt(max(a, b)) terms
// where x < (a + 1) / (a + b + 2).
double beta_fraction(double x, double a, double b) {
  constexpr double kTiny = 1e-300;
  const auto not_zero = [](double value) { return std::fabs(value) < kTiny ? kTiny : value; };
  double numerator = 1, denominator = 1 / not_zero(1 - (a + b) * x / (a + 1));
  double value = denominator;
  for (int term = 1; term < 100000; ++term) {
    const double m = term;
    double change = 1;
    for (const double coefficient : {m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
                                     -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))}) {
      denominator = 1 / not_zero(1 + coefficient * denominator);
      numerator = not_zero(1 + coefficient / numerator);
      change = denominator * numerator;
      value *= change;
    }
    if (std::fabs(change - 1) < 1e-15) break;
  }
  return value;
}

// The probability of a draw beyond the square root of `square`, on one side. x and y = 1 - x are made apart: neither
// may be lost in the other.
double tail(double square, double degrees) {
  const double x = 1 / (1 + square / degrees), y = 1 / (1 + degrees / square);
  const double a = degrees / 2, b = 0.5;
  const double log_front = std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) - a * std::log1p(square / degrees) -
                           b * std::log1p(degrees / square);
  const double front = std::exp(log_front);
  if (x < (a + 1) / (a + b + 2)) return front * beta_fraction(x, a, b) / a / 2;
  return (1 - front * beta_fraction(y, b, a) / b) / 2;
}

void check_degrees(double degrees) {
  require(degrees >= 1, "student_t", "the degrees of freedom must be at least 1. Got ", degrees, ".");
}

}  // namespace

double student_t_probability(double value, double degrees) {
  check_degrees(degrees);
  require(!std::isnan(value), "student_t", "the value must be a number. Got ", value, ".");
  if (value == 0) return 0.5;
  const double beyond = tail(value * value, std::min(degrees, kNearlyNormal));
  return value > 0 ? 1 - beyond : beyond;
}

double student_t_quantile(double probability, double degrees) {
  check_degrees(degrees);
  require(probability >= 0 && probability <= 1, "student_t", "the probability must be in [0, 1]. Got ", probability,
          ".");
  const double wanted = std::min(probability, 1 - probability);
  const double sign = probability < 0.5 ? -1 : 1;
  if (wanted == 0) return sign * std::numeric_limits<double>::infinity();
  if (wanted == 0.5) return 0;
  // Halving of the logarithm: the tail falls as the value grows, whatever the degrees. The bounds' squares are numbers.
  double low = -350, high = 350;
  for (int i = 0; i < 64; ++i) {
    const double middle = (low + high) / 2;
    (tail(std::exp(2 * middle), std::min(degrees, kNearlyNormal)) > wanted ? low : high) = middle;
  }
  return sign * std::exp((low + high) / 2);
}

}  // namespace batchwise
