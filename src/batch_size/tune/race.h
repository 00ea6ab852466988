// A race of branches: rounds of training, each three times as long as the one before, with fewer racers.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <batchwise/model.h>
#include <batchwise/tune.h>

namespace batchwise {

struct Racer {
  int64_t batch_size = 0;
  double learning_rate = 0;
  double samples_per_second = 0;
};
inline bool is_same(const Racer& a, const Racer& b) {
  return a.batch_size == b.batch_size && a.learning_rate == b.learning_rate;
}

constexpr int64_t kRatesOfASize = 3;        // racers of a batch size
constexpr int64_t kMostRepeats = 4;         // of a leg, in other orders of the samples
constexpr int64_t kLeastUpdatesOfALeg = 2;  // of a racer in a round

// How much a racer trains in one round: samples, or seconds turned into samples by its speed.
struct RaceCourse {
  TuneGoal goal = TuneGoal::Fastest;
  double amount = 0;    // of all racers in all rounds: seconds for Fastest, else samples
  double most = 0;      // that one racer trains in all rounds; 0: no bound
  int64_t repeats = 1;  // of the last round
};
constexpr int64_t kGoingOn = 3;  // how much longer the next round is, and how many fewer sizes go on

// Racers of each round, at most: all rates of all sizes; two rates of each size; then a third of the sizes and a third
// of those, down to two: 18, 12, 2.
std::vector<int64_t> racers_of_rounds(int64_t sizes);
// Samples that `racer` trains on in `round`, whole batches.
int64_t samples_of(const Racer& racer, const RaceCourse& course, const std::vector<int64_t>& rounds, size_t round);

}  // namespace batchwise
