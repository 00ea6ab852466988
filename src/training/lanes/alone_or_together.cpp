// The other way is tried for a round when this one has become slower, and alone now and then.
#include "training/lanes/alone_or_together.h"

#include <algorithm>

namespace batchwise {
namespace {

constexpr double kSlower = 1.3;    // than it was: something has changed
constexpr int kFirstTrial = 2;     // rounds: the first one finds caches and clocks cold
constexpr int kAloneForLong = 32;  // rounds: the neighbour may have gone

}  // namespace

void AloneOrTogether::took(double seconds) {
  seconds_ += seconds;
  ++steps_;
  if (seconds_ < kRound) return;
  end_round(seconds_ / steps_);
  seconds_ = 0;
  steps_ = 0;
}

void AloneOrTogether::end_round(double mean) {
  last_[together_] = mean;
  if (trial_) {
    trial_ = false;
    if (mean >= last_[!together_]) together_ = !together_;
    rounds_ = kFirstTrial;
    least_ = last_[together_];
    return;
  }
  ++rounds_;
  least_ = std::min(least_, mean);
  const bool due = together_ ? rounds_ == kFirstTrial : rounds_ >= kAloneForLong;
  if (!due && mean <= kSlower * least_) return;
  trial_ = true;
  together_ = !together_;
}

}  // namespace batchwise
