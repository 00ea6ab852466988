// Rounds of a race.
#include "batch_size/tune/race.h"

#include <algorithm>
#include <cmath>

namespace batchwise {

std::vector<int64_t> racers_of_rounds(int64_t sizes) {
  std::vector<int64_t> rounds{kRatesOfASize * sizes, 2 * sizes};
  for (int64_t racers = sizes; rounds.back() > 2;) {
    racers = std::max<int64_t>(2, (racers + kGoingOn - 1) / kGoingOn);
    rounds.push_back(racers);
  }
  return rounds;
}

// Every round trains three times as long as the one before.
int64_t samples_of(const Racer& racer, const RaceCourse& course, const std::vector<int64_t>& rounds, size_t round) {
  double unit = 0;
  for (size_t r = 0; r < rounds.size(); ++r)
    unit += static_cast<double>(rounds[r] * (r + 1 == rounds.size() ? course.repeats : 1)) *
            std::pow(static_cast<double>(kGoingOn), static_cast<double>(r));
  double share = course.amount / unit;
  if (course.most > 0) {
    double of_one = 0;
    for (size_t r = 0; r < rounds.size(); ++r)
      of_one += std::pow(static_cast<double>(kGoingOn), static_cast<double>(r));
    share = std::min(share, course.most / of_one);
  }
  double samples = share * std::pow(static_cast<double>(kGoingOn), static_cast<double>(round));
  if (course.goal == TuneGoal::Fastest) samples *= racer.samples_per_second;
  const double updates =
      std::max<double>(kLeastUpdatesOfALeg, std::round(samples / static_cast<double>(racer.batch_size)));
  return static_cast<int64_t>(updates) * racer.batch_size;
}

}  // namespace batchwise
