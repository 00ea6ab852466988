// Where the racers of a tune stand: who is ahead, and by how much.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <batchwise/tune.h>

namespace batchwise {

// Whether `score` of the metric is better than `than`; infinite scores are those of lost branches.
bool better_score(const std::string& metric, double score, double than);

// Who has reached the value is ahead of who has not, who came there first of the others; else the better score is.
bool is_ahead(const TuneBranch& a, const TuneBranch& b, const std::string& metric);

// What a branch has spent, as the goal counts: seconds of training, or samples.
double spent(const TuneBranch& branch, TuneGoal goal);

// A racer's last round: the mean of its repeats. How far they are apart is told by that round alone: what they had
// reached before, they have in common.
struct Standing {
  TuneBranch branch;
  double score = 0;
  std::optional<double> way;   // what all repeats spent, for each that came to the value
  double least = 0, most = 0;  // of the repeats: ways where the value was reached, else scores
  int repeats = 0;
};

// The best first.
std::vector<Standing> standings(const TuneResult& result, const TuneOptions& options);

}  // namespace batchwise
