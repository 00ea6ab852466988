// The race of a tune to a value of its metric.
#include <algorithm>
#include <cmath>

#include "batch_size/tune/standings.h"
#include "batch_size/tune/tune_run.h"

namespace batchwise {
namespace {

// Times the shortest way: who is not there by then has lost. The shortest is one of much luck, and a pair that takes
// half as long again with this order may be the fastest of all with others.
constexpr double kPatience = 2;
constexpr size_t kChasers = 3;      // that were stopped close behind, and go on
constexpr double kStopped = 0.75;   // of the way that a racer is given: it has had less
constexpr size_t kOthersFirst = 2;  // tried before the best two are repeated
constexpr size_t kRepeated = 2;     // whoever is the best at the time

}  // namespace

std::optional<double> TuneRun::shortest_way(int64_t round) const {
  std::optional<double> shortest;
  for (const TuneBranch& branch : result_.branches)
    if (branch.way && branch.repeat == 0 && branch.round <= round)
      shortest = std::min(shortest.value_or(*branch.way), *branch.way);
  return shortest;
}

int64_t TuneRun::samples_within(const Racer& racer, double amount) const {
  if (options_.goal == TuneGoal::Fastest) amount *= racer.samples_per_second;
  const auto updates = static_cast<int64_t>(std::ceil(amount / static_cast<double>(racer.batch_size)));
  return std::max<int64_t>(1, updates) * racer.batch_size;
}

int64_t TuneRun::as_far_as_it_matters(const Racer& racer, int64_t round, int64_t samples) const {
  const std::optional<double> shortest = shortest_way(round);
  if (!shortest) return samples;
  const TuneBranch* before = last_before(racer, round);
  const double gone = before ? spent(*before, options_.goal) : 0;
  return std::min(samples_within(racer, kPatience * *shortest - gone), samples);
}

int64_t TuneRun::whole_way(const Racer& racer) const {
  const std::vector<Standing> all = standings(result_, options_);
  return samples_within(racer, kPatience * all.front().way.value_or(0));
}

const TuneBranch* TuneRun::begins_at(const Racer& racer, int64_t round, int64_t repeat) const {
  return begins_anew(repeat) ? nullptr : last_before(racer, round);
}

// Other first weights too, where those of the model are what its initializers draw: nobody trains with these alone.
Model TuneRun::as_given(int64_t repeat) const {
  Model model = model_.copy();
  if (!begins_anew(repeat)) return model;
  model.initialize(options_.fit.seed);
  const auto& given = model_.weights();
  const auto& drawn = model.weights();
  bool fresh = model_.optimizer_state().iterations == 0;
  for (size_t w = 0; w < given.size() && fresh; ++w) fresh = given[w]->value == drawn[w]->value;
  if (!fresh) return model_.copy();
  model.initialize(options_.fit.seed + static_cast<uint64_t>(repeat));
  return model;
}

// Between two looks the metric is taken as a straight line.
void TuneRun::see_way(TuneBranch& branch, double spent_before, double score_before, double score) const {
  if (!options_.reach || better_score(options_.metric, *options_.reach, score)) return;
  const double part = std::clamp((*options_.reach - score_before) / (score - score_before), 0.0, 1.0);
  branch.way = spent_before + (std::isfinite(part) ? part : 1.0) * (spent(branch, options_.goal) - spent_before);
}

// A round ends for all at about the same place: the first there may have won by a nose.
bool TuneRun::chase(std::vector<Racer> racers, int64_t round) {
  const double limit = kPatience * shortest_way(round).value_or(0);
  std::erase_if(racers, [&](const Racer& racer) {
    const TuneBranch* branch = find(racer, round, 0);
    return !branch || branch->way || !std::isfinite(branch->loss) || spent(*branch, options_.goal) > kStopped * limit;
  });
  std::stable_sort(racers.begin(), racers.end(), [&](const Racer& a, const Racer& b) {
    return is_ahead(*find(a, round, 0), *find(b, round, 0), options_.metric);
  });
  for (size_t i = 0; i < std::min(kChasers, racers.size()); ++i) {
    const double gone = spent(*find(racers[i], round, 0), options_.goal);
    const int64_t samples = samples_within(racers[i], limit - gone);
    if (!room_for(samples) || !run_on(racers[i], round, samples)) return false;
  }
  return true;
}

void TuneRun::try_others(std::vector<Racer>& racers, int64_t round, const RaceCourse& course,
                         const std::vector<int64_t>& rounds) {
  std::vector<Racer> others;
  for (const TuneBranch& branch : result_.branches) {
    const Racer racer{branch.batch_size, branch.learning_rate, 0};
    if (branch.round >= round || branch.repeat > 0 || last_before(racer, round) != &branch) continue;
    if (std::isinf(branch.score) ||
        std::any_of(racers.begin(), racers.end(), [&](const Racer& r) { return is_same(r, racer); }))
      continue;
    others.push_back(racer);
  }
  for (Racer& racer : others)
    for (const TuneSpeed& speed : result_.speeds)
      if (speed.batch_size == racer.batch_size) racer.samples_per_second = speed.samples_per_second;
  std::stable_sort(others.begin(), others.end(), [&](const Racer& a, const Racer& b) {
    return is_ahead(*last_before(a, round), *last_before(b, round), options_.metric);
  });
  const auto runs = [&](const Racer& racer, int64_t repeat) {
    if (find(racer, round, repeat)) return true;
    const int64_t samples = samples_to_run(racer, round, repeat, course, rounds);
    return room_for(samples) && run_leg(racer, round, repeat, samples, false);
  };
  const auto try_some = [&](size_t from, size_t to) {
    for (size_t i = from; i < std::min(to, others.size()); ++i) {
      if (!runs(others[i], 0)) return false;
      racers.push_back(others[i]);
    }
    return true;
  };
  if (!chase(racers, round) || !try_some(0, kOthersFirst)) return;
  if (!repeat_the_best(racers, round, runs)) return;
  if (try_some(kOthersFirst, others.size())) repeat_the_best(racers, round, runs);
}

// Who is ahead by luck falls back, and the next takes its place.
bool TuneRun::repeat_the_best(const std::vector<Racer>& racers, int64_t round, const RunLeg& runs) {
  for (;;) {
    const std::vector<Standing> all = standings(result_, options_);
    const Standing* next = nullptr;
    for (size_t i = 0; i < std::min(kRepeated, all.size()); ++i)
      if (all[i].way && all[i].repeats < kMostRepeats && (!next || all[i].repeats < next->repeats)) next = &all[i];
    if (!next) return true;
    const auto racer = std::find_if(racers.begin(), racers.end(), [&](const Racer& r) {
      return find(r, round, 0) && r.batch_size == next->branch.batch_size &&
             r.learning_rate == next->branch.learning_rate;
    });
    if (racer == racers.end() || !runs(*racer, next->repeats)) return false;
  }
}

}  // namespace batchwise
