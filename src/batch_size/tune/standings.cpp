// Order among the racers of a tune.
#include "batch_size/tune/standings.h"

#include <algorithm>
#include <cmath>

#include "training/callbacks/better_way.h"

namespace batchwise {
namespace {

bool is_same_pair(const TuneBranch& a, const TuneBranch& b) {
  return a.batch_size == b.batch_size && a.learning_rate == b.learning_rate;
}

// Half of the repeats that came to the value in 2 s and half that gave up after 4 s: 6 s of training are needed for one
// that comes there. A mean that took 4 s for the latter would favour who gets there by luck.
Standing standing_of(const std::vector<const TuneBranch*>& repeats, TuneGoal goal) {
  Standing standing;
  standing.branch = *repeats.front();
  const auto came_there = std::count_if(repeats.begin(), repeats.end(), [](auto* branch) { return branch->way; });
  double ways = 0;
  for (const TuneBranch* branch : repeats) {
    const double of_way = branch->way.value_or(spent(*branch, goal)), tells = came_there ? of_way : branch->leg_score;
    standing.least = standing.repeats == 0 ? tells : std::min(standing.least, tells);
    standing.most = standing.repeats == 0 ? tells : std::max(standing.most, tells);
    standing.score += branch->score;
    ways += of_way;
    if (!standing.branch.noise_scale) standing.branch.noise_scale = branch->noise_scale;
    ++standing.repeats;
  }
  standing.score /= standing.repeats;
  if (came_there) standing.way = ways / static_cast<double>(came_there);
  return standing;
}

}  // namespace

bool better_score(const std::string& metric, double score, double than) {
  if (std::isnan(score) || std::isnan(than)) return !std::isnan(score);
  const bool lost = std::isinf(score), other_lost = std::isinf(than);  // of either direction
  if (lost || other_lost) return !lost && other_lost;
  return is_better(metric, score, than);
}

bool is_ahead(const TuneBranch& a, const TuneBranch& b, const std::string& metric) {
  if (a.way || b.way) return a.way && (!b.way || *a.way < *b.way);
  return better_score(metric, a.score, b.score);
}

double spent(const TuneBranch& branch, TuneGoal goal) {
  return goal == TuneGoal::Fastest ? branch.seconds : static_cast<double>(branch.samples);
}

std::vector<Standing> standings(const TuneResult& result, const TuneOptions& options) {
  int64_t last = 0;
  for (const TuneBranch& branch : result.branches) last = std::max(last, branch.round);
  std::vector<Standing> all;
  for (const TuneBranch& first : result.branches) {
    if (first.round != last || first.repeat != 0) continue;
    std::vector<const TuneBranch*> repeats;
    for (const TuneBranch& branch : result.branches)
      if (branch.round == last && is_same_pair(branch, first)) repeats.push_back(&branch);
    all.push_back(standing_of(repeats, options.goal));
  }
  std::stable_sort(all.begin(), all.end(), [&](const Standing& a, const Standing& b) {
    if (a.way || b.way) return a.way && (!b.way || *a.way < *b.way);
    return better_score(options.metric, a.score, b.score);
  });
  return all;
}

}  // namespace batchwise
