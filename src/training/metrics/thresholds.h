// Predictions sorted into the spaces between thresholds, and the four counts that this gives for each threshold.
#pragma once

#include <cstdint>
#include <vector>

#include <batchwise/config.h>

namespace batchwise {

// Positives and negatives predicted to be positive at a threshold.
struct ThresholdPoint {
  double tp = 0, fp = 0;
};

class Thresholds {
 public:
  // `count` thresholds spread evenly over [0, 1]; with `margin` the first lies just below 0, so that 0 is above it.
  static Thresholds even(int64_t count, bool margin);
  // `inner` in [0, 1] with one more just below 0 and one just above 1.
  static Thresholds around(std::vector<float> inner);
  static Thresholds at(float only);

  int64_t count() const { return count_; }
  int64_t doubles() const { return 2 * (count_ + 1); }  // of the sums below

  // `sums`: for each space the weight of positives, then for each that of negatives; space 0 lies below all thresholds,
  // space i + 1 above threshold i and not above the next.
  void add(double* sums, float prediction, double positive, double negative) const;

  // Calls use(point) for each threshold, the highest first; gives what lies in all spaces.
  template <class Use>
  ThresholdPoint from_the_top(const double* sums, const Use& use) const {
    ThresholdPoint point;
    for (int64_t i = count_; i >= 0; --i) {
      point.tp += sums[i];
      point.fp += sums[count_ + 1 + i];
      if (i > 0) use(point);
    }
    return point;
  }
  ThresholdPoint totals(const double* sums) const {
    return from_the_top(sums, [](const ThresholdPoint&) {});
  }

 private:
  int64_t space_of(float prediction) const;

  int64_t count_ = 0;
  bool margin_ = false;
  bool even_ = false;
  std::vector<float> given_;  // sorted, unless even
};

// The list of numbers in [0, 1] at `key`; empty when it is absent. One number is a list of one.
std::vector<float> read_thresholds(const Config& config, const char* key, std::string_view where);

}  // namespace batchwise
