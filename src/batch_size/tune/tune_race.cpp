// The race of a tune: who runs, how far, who goes on.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <utility>

#include "base/number_text.h"
#include "batch_size/tune/standings.h"
#include "batch_size/tune/tune_run.h"

namespace batchwise {
namespace {

constexpr double kApart = 3;                                       // a rate from the next
constexpr double kRates[kRatesOfASize] = {1 / kApart, 1, kApart};  // times what the range test chose
constexpr int64_t kUsualPasses = 20;                               // through the data, all racers together
constexpr double kRaceShare = 0.75;  // of what is left: saving, measuring and the probe take the rest
constexpr int64_t kRepeats = 2;      // of the last round
constexpr int64_t kLooks = 4;        // at the holdout in a leg
constexpr int64_t kMostLooks = 8;    // in one that is a whole way

// Of those that have raced, or a new one.
Racer next_lower(const Racer& racer, const std::vector<Racer>& all) {
  Racer lower = racer;
  lower.learning_rate /= kApart;
  for (const Racer& other : all)
    if (other.batch_size == racer.batch_size && std::abs(other.learning_rate / lower.learning_rate - 1) < 0.01)
      return other;
  return lower;
}

}  // namespace

RaceCourse TuneRun::course() const {
  RaceCourse course;
  course.goal = options_.goal;
  course.repeats = kRepeats;
  double speed = 0, fits = 0;
  for (const TuneSpeed& s : result_.speeds)
    if (s.samples_per_second > 0) speed += std::log(s.samples_per_second), ++fits;
  speed = std::exp(speed / fits);
  // Both bounds hold: whichever is the smaller. Without any, some passes through the data.
  double samples = static_cast<double>(kUsualPasses * std::max<int64_t>(rows(), 1));
  if (samples_bound() > 0) samples = std::max(0.0, static_cast<double>(samples_bound()) - samples_before_race());
  if (options_.seconds > 0)
    samples = samples_bound() > 0 ? std::min(samples, options_.seconds * speed) : options_.seconds * speed;
  course.amount = options_.goal == TuneGoal::Fastest ? samples / speed : samples;
  course.amount *= kRaceShare;
  if (options_.goal == TuneGoal::Best) {
    course.most = static_cast<double>(options_.samples);
    if (options_.seconds == 0) course.amount = std::numeric_limits<double>::max();
  }
  return course;
}

std::vector<Racer> TuneRun::racers() const {
  std::vector<Racer> racers;
  for (const TuneSpeed& speed : result_.speeds) {
    if (speed.samples_per_second <= 0) continue;  // it does not fit, or there is no time for it
    for (double factor : kRates)
      racers.push_back({speed.batch_size,
                        factor * rate_at(model_, result_.rate_chosen, result_.rate_batch_size, speed.batch_size),
                        speed.samples_per_second});
  }
  return racers;
}

// The legs of a racer alternate between two names: a kill between saving and recording repeats the leg from what it
// began with.
std::string TuneRun::file_of(const Racer& racer, int64_t round) const {
  int64_t legs = 0;
  for (int64_t before = 1; before < round; ++before) legs += find(racer, before, 0) ? 1 : 0;
  return folder_ + "/branches/b" + std::to_string(racer.batch_size) + "_lr" + rounded_number(racer.learning_rate) +
         (legs % 2 ? "_b" : "_a") + ".keras";
}

// A file does not say how convolutions are computed.
Model TuneRun::load(const Racer& racer, int64_t round) const {
  const std::string file = file_of(racer, round);
  require(std::filesystem::exists(file), "tune", "the branches that a tune goes on from must be there. Got none at ",
          file, ": begin anew with another folder.");
  Model model = Model::load(file);
  model.set_convolution(model_.convolution());
  return model;
}

const TuneBranch* TuneRun::find(const Racer& racer, int64_t round, int64_t repeat) const {
  for (const TuneBranch& branch : result_.branches)
    if (branch.round == round && branch.repeat == repeat && branch.batch_size == racer.batch_size &&
        branch.learning_rate == racer.learning_rate)
      return &branch;
  return nullptr;
}

TuneBranch* TuneRun::find(const Racer& racer, int64_t round, int64_t repeat) {
  return const_cast<TuneBranch*>(std::as_const(*this).find(racer, round, repeat));
}

const TuneBranch* TuneRun::last_before(const Racer& racer, int64_t round) const {
  const TuneBranch* last = nullptr;
  for (int64_t before = 1; before < round; ++before)
    if (const TuneBranch* branch = find(racer, before, 0)) last = branch;
  return last;
}

int64_t TuneRun::samples_in_race() const {
  int64_t samples = 0;
  for (const TuneBranch& branch : result_.branches) {
    samples += branch.samples;  // of this round and those before
    const Racer racer{branch.batch_size, branch.learning_rate, 0};
    if (const TuneBranch* before = begins_at(racer, branch.round, branch.repeat)) samples -= before->samples;
  }
  return samples;
}

void TuneRun::race() {
  std::vector<Racer> running = racers();
  const RaceCourse about = course();
  const std::vector<int64_t> rounds = racers_of_rounds(static_cast<int64_t>(running.size()) / kRatesOfASize);
  for (int64_t round = 1;; ++round) {
    const bool whole = run_round(running, round, about, rounds);
    const bool reached = shortest_way(round).has_value();
    if (!whole && round > 1 && !reached) break;  // those of the round before had equal chances
    last_round_ = round;
    const size_t next = static_cast<size_t>(round);
    if (whole && reached) try_others(running, round, about, rounds);
    if (!whole || reached || (round > 1 && !improved(running, round))) break;
    // Where a value is to be reached, the last of them go on as long as they may.
    if (next >= rounds.size() && !(options_.reach && bounded())) break;
    running = best_of(running, round, next < rounds.size() ? rounds[next] : static_cast<int64_t>(running.size()));
  }
  std::erase_if(result_.branches, [&](const TuneBranch& branch) { return branch.round > last_round_; });
  const TuneBranch best = standings(result_, options_).front().branch;
  winner_ = *std::find_if(running.begin(), running.end(), [&](const Racer& racer) {
    return racer.batch_size == best.batch_size && racer.learning_rate == best.learning_rate;
  });
  if (std::isinf(find(winner_, last_round_, 0)->score))
    fail_run("tune", "a branch must keep a finite loss. All diverged: look at the data and the model.");
}

int64_t TuneRun::samples_to_run(const Racer& racer, int64_t round, int64_t repeat, const RaceCourse& course,
                                const std::vector<int64_t>& rounds) const {
  if (begins_anew(repeat)) return whole_way(racer);
  const TuneBranch* before = last_before(racer, round);
  int64_t samples = 0;
  for (int64_t r = before ? before->round : 0; r < round; ++r)
    samples += samples_of(racer, course, rounds, static_cast<size_t>(r));
  return as_far_as_it_matters(racer, round, samples);
}

bool TuneRun::room_for(int64_t samples) const {
  const double all = samples_before_race() + static_cast<double>(samples_in_race() + samples);
  return !time_is_up() && (samples_bound() == 0 || all <= static_cast<double>(samples_bound()));
}

bool TuneRun::run_round(const std::vector<Racer>& racers, int64_t round, const RaceCourse& course,
                        const std::vector<int64_t>& rounds) {
  const bool repeated = !options_.reach && static_cast<size_t>(round) == rounds.size();
  for (int64_t repeat = 0; repeat < (repeated ? kRepeats : 1); ++repeat)
    for (const Racer& racer : racers) {
      if (find(racer, round, repeat)) continue;
      const bool first = round == 1 && !find(racers.front(), 1, 0);  // there must be something to recommend
      const int64_t samples = samples_to_run(racer, round, repeat, course, rounds);
      if (!room_for(samples) && !first) return repeat > 0;
      if (!run_leg(racer, round, repeat, samples, first)) return repeat > 0;
    }
  return true;
}

// A racer goes on from what its last round left; repeats of a round from the same state, in another order. On the way
// to a value they begin anew: what leads there first is as much luck at the beginning as later.
bool TuneRun::run_leg(const Racer& racer, int64_t round, int64_t repeat, int64_t samples, bool needed) {
  TuneBranch branch;
  branch.round = round;
  branch.batch_size = racer.batch_size;
  branch.learning_rate = racer.learning_rate;
  branch.repeat = repeat;
  branch.loss = branch.score = branch.leg_score = kLost;
  const TuneBranch* before = begins_at(racer, round, repeat);
  branch.loss_before = before ? before->loss : first_loss_;
  if (std::isfinite(branch.loss_before)) {
    Model model = before ? load(racer, before->round) : as_given(repeat);
    if (before) {
      model.optimizer_state().samples = static_cast<uint64_t>(before->samples);
      branch.samples = before->samples;
      branch.updates = before->updates;
      branch.seconds = before->seconds;
      branch.score = before->score;
    } else {
      set_learning_rate(model, racer.learning_rate);
    }
    const bool whole =
        train_with_looks(model, branch,
                         {racer.batch_size, racer.learning_rate, samples,
                          static_cast<uint64_t>(round * kMostRepeats + repeat) * kMostLooks, options_.fit});
    if (!whole && !needed) return false;  // it cannot be compared with the others
    if (repeat == 0 && std::isfinite(branch.loss)) model.save(file_of(racer, round));  // repeats do not go on
  }
  tell(branch);
  result_.branches.push_back(branch);
  keep();
  return true;
}

void TuneRun::tell(const TuneBranch& branch) {
  say("round " + std::to_string(branch.round) + ": batch size " + std::to_string(branch.batch_size) +
      ", learning rate " + rounded_number(branch.learning_rate) + ": " + options_.metric + " " +
      (std::isfinite(branch.score) ? rounded_number(branch.score) : "lost") + " after " +
      grouped_digits(branch.samples) + " samples, " + rounded_number(branch.seconds) + " s" +
      (branch.way ? ": reached" : ""));
  if (options_.on_branch) options_.on_branch(branch);
}

bool TuneRun::run_on(const Racer& racer, int64_t round, int64_t samples) {
  TuneBranch branch = *find(racer, round, 0);
  Model model = load(racer, round);
  model.optimizer_state().samples = static_cast<uint64_t>(branch.samples);
  const uint64_t order = static_cast<uint64_t>((round + 1) * kMostRepeats) * kMostLooks;
  if (!train_with_looks(model, branch, {racer.batch_size, racer.learning_rate, samples, order, options_.fit}))
    return false;
  tell(branch);
  *find(racer, round, 0) = branch;
  keep();
  return true;
}

// The score is the best on the way: who trains too long is not worse than who stops in time. Whether the value is
// reached is told by two looks together: a high rate swings, and is above it for a moment long before it stays there.
bool TuneRun::train_with_looks(Model& model, TuneBranch& branch, const BranchLeg& leg) {
  const int64_t updates = std::max<int64_t>(1, leg.samples / leg.batch_size);
  const int64_t looks = std::min(begins_anew(branch.repeat) ? kMostLooks : kLooks, updates), before = branch.updates;
  double last_look = std::isfinite(branch.score) ? branch.score : first_score_, judged = last_look;
  for (int64_t look = 0; look < looks; ++look) {
    BranchLeg part = leg;
    part.samples = (updates * (look + 1) / looks - updates * look / looks) * leg.batch_size;
    part.order = leg.order + static_cast<uint64_t>(look);
    part.deadline = deadline();
    const double spent_before = spent(branch, options_.goal);
    const LegResult run = train_on(model, parts_.train, part);
    branch.samples += run.samples;
    branch.updates += run.updates;
    branch.seconds += run.seconds;
    result_.samples += run.samples;
    if (run.noise_scale) branch.noise_scale = run.noise_scale;
    branch.loss = kLost;
    if (run.lost) return true;
    const Logs logs = measure(model, parts_.holdout, options_.fit);
    branch.loss = *find_log(logs, "loss");
    if (!std::isfinite(branch.loss)) return true;
    const double score = *find_log(logs, options_.metric);
    const double judged_before = std::exchange(judged, looks > 1 ? (last_look + score) / 2 : score);
    see_way(branch, spent_before, judged_before, judged);
    last_look = score;
    if (better_score(options_.metric, score, branch.score)) branch.score = score;
    if (better_score(options_.metric, score, branch.leg_score)) branch.leg_score = score;
    if (branch.way) return true;
    if (time_is_up()) break;
  }
  return branch.updates - before >= updates - 1;  // whole passes round their last batch
}

bool TuneRun::improved(const std::vector<Racer>& racers, int64_t round) {
  return std::any_of(racers.begin(), racers.end(), [&](const Racer& racer) {
    const TuneBranch *now = find(racer, round, 0), *before = find(racer, round - 1, 0);
    return now && before && better_score(options_.metric, now->score, before->score);
  });
}

// The first round compares the rates of each batch size, the others compare the sizes: a large one is behind at first,
// for it has made few updates, and must not be judged by that. Nor must the next lower rate: the higher one is ahead at
// first, and stops improving earlier.
std::vector<Racer> TuneRun::best_of(std::vector<Racer> racers, int64_t round, int64_t count) {
  std::stable_sort(racers.begin(), racers.end(), [&](const Racer& a, const Racer& b) {
    return is_ahead(*find(a, round, 0), *find(b, round, 0), options_.metric);
  });
  if (round == 1) {
    std::vector<Racer> going;
    for (const Racer& racer : racers) {
      const auto same = [&](const Racer& other) { return other.batch_size == racer.batch_size; };
      if (std::any_of(going.begin(), going.end(), same)) continue;
      going.push_back(racer);
      going.push_back(next_lower(racer, racers));
    }
    std::erase_if(racers, [&](const Racer& racer) {
      return std::any_of(going.begin(), going.end(), [&](const Racer& other) { return is_same(racer, other); });
    });
    count = static_cast<int64_t>(going.size());
    racers.insert(racers.begin(), going.begin(), going.end());
  }
  for (size_t i = static_cast<size_t>(count); i < racers.size() && !options_.reach;
       ++i)  // else they may be tried again
    for (int64_t name : {round, round + 1}) {
      std::error_code ignored;
      std::filesystem::remove(file_of(racers[i], name), ignored);
    }
  racers.resize(static_cast<size_t>(count));
  for (const Racer& racer : racers)
    if (TuneBranch* branch = find(racer, round, 0)) branch->kept = true;
  keep();
  return racers;
}

}  // namespace batchwise
