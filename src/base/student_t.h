// Student's t distribution: what intervals over a few measurements rest on.
#pragma once

namespace batchwise {

// The probability that a draw lies below `value`. REQUIRES: degrees >= 1; infinity is the normal distribution.
double student_t_probability(double value, double degrees);

// The value below which a draw lies with `probability`: student_t_quantile(0.975, 2) == 4.302653. 0 and 1 give the
// infinities. REQUIRES: 0 <= probability <= 1, degrees >= 1.
double student_t_quantile(double probability, double degrees);

}  // namespace batchwise
