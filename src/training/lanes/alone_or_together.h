// Whether lanes share a batch of one grain or one lane does it alone: what was faster of late. Results are the same.
#pragma once

#include <array>
#include <limits>

namespace batchwise {

// Where every lane has a core, sharing is faster. Where another program computes on one of the cores, all lanes wait
// for the one that has none, a time slice of the system at a time: that may be a hundred steps.
class AloneOrTogether {
 public:
  bool together() const { return together_; }
  void took(double seconds);  // a step, in the way of together()

  static constexpr double kRound = 0.03;  // seconds of steps that are judged by their mean: several time slices

 private:
  void end_round(double mean);

  bool together_ = true, trial_ = false;
  int rounds_ = 0;                                       // since this way was chosen
  double least_ = kNotTimed;                             // seconds of a step since then
  std::array<double, 2> last_ = {kNotTimed, kNotTimed};  // alone, together
  double seconds_ = 0;                                   // of this round
  int steps_ = 0;

  static constexpr double kNotTimed = std::numeric_limits<double>::infinity();
};

}  // namespace batchwise
