// The loss over the updates of one epoch, in at most 100 points.
#pragma once

#include <array>
#include <cstdint>

#include <batchwise/callback.h>
#include <batchwise/config.h>

namespace batchwise {

// Points lie equally many updates apart, but for the last. When there are too many, every other one goes: what is kept
// depends on the updates alone, not on how many were expected. Adding allocates nothing.
class StepCurve {
 public:
  static constexpr int kMost = 100;

  void begin(int64_t samples);                   // of the run, before the epoch
  void add(const RunProgress& at, double mean);  // of the loss over the epoch so far, weighted by samples
  bool begun() const { return first_samples_ >= 0; }
  Config points() const;  // [[updates, samples, seconds, loss], ...]: the loss between a point and the one before

  Config state() const;
  void restore(const Config& state);

 private:
  struct Point {
    int64_t updates = 0, samples = 0;
    double seconds = 0, mean = 0;
  };

  int64_t first_samples_ = -1;
  int64_t apart_ = 1, since_ = 0;  // updates
  int kept_ = 0;
  std::array<Point, kMost> points_;
  Point last_;
};

}  // namespace batchwise
