// tune: plans, speeds, learning rates, a race, a probe, advice.
#include <batchwise/tune.h>

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>

#include "base/number_text.h"
#include "batch_size/tune/advice.h"
#include "batch_size/tune/branch.h"
#include "batch_size/tune/critical_batch.h"
#include "batch_size/tune/race.h"
#include "batch_size/tune/rate_range.h"
#include "batch_size/tune/speeds.h"
#include "batch_size/tune/tune_record.h"

namespace batchwise {
namespace {

constexpr double kRates[] = {1.0 / 3, 1, 3};  // times what the range test chose
constexpr int64_t kUsualBatch = 128;          // of the range test
constexpr int64_t kUsualPasses = 20;          // through the data, all branches together
constexpr double kSpeedShare = 0.1;           // of the time, when it is stated
constexpr double kSpeedSeconds = 0.25;        // for one batch size
constexpr double kProbeShare = 0.1;           // of the samples
constexpr int64_t kRepeats = 2;               // of the last round

class Tune {
 public:
  Tune(const Model& model, const Dataset& data, const TuneOptions& options)
      : model_(model),
        options_(options),
        parts_(hold_out(data, options.fit, "tune")),
        settings_(tune_settings(options)) {
    require(model.compiled().has_value(), "tune", "the model must be compiled first.");
    require(model.initialized(), "tune", "the model must have weights: call initialize(seed).");
    require(options.seconds >= 0 && options.samples >= 0, "tune", "seconds and samples must be 0 or more. Got ",
            options.seconds, " and ", options.samples, ".");
    require(options.goal != TuneGoal::Best || options.samples > 0, "tune",
            "the best metric is that after so many samples: give them. Got none.");
    for (int64_t size : options.batch_sizes)
      require(size >= 1, "tune", "batch sizes must be at least 1. Got ", size, ".");
    learning_rate_of(model);
    folder_ = options.directory;
    if (folder_.empty()) {
      folder_ = (std::filesystem::temp_directory_path() / ("batchwise-tune-" + std::to_string(getpid()))).string();
      temporary_ = true;
    }
    std::filesystem::create_directories(folder_ + "/branches");
  }

  ~Tune() {
    std::error_code ignored;
    if (temporary_) std::filesystem::remove_all(folder_, ignored);
  }

  TuneResult run() {
    began_ = std::chrono::steady_clock::now();
    if (options_.resume)
      if (auto before = read_tune(record(), settings_)) result_ = *before;
    seconds_before_ = result_.seconds;
    begin();
    plan();
    time();
    find_rates();
    race();
    probe();
    advise(result_, options_);
    keep();
    return result_;
  }

 private:
  void say(const std::string& text) const {
    if (options_.on_message) options_.on_message(text);
  }
  std::string record() const { return folder_ + "/tune.json"; }
  void keep() {
    result_.seconds =
        seconds_before_ + std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
    write_tune(record(), result_, settings_);
  }
  int64_t rows() const { return parts_.train.has_rows() ? parts_.train.size() : parts_.train.cardinality(); }

  void begin() {
    const Logs logs = measure(model_, parts_.holdout, options_.fit);
    require(find_log(logs, options_.metric) != nullptr, "tune",
            "the metric must be the loss, or one that the model is compiled with. Got \"", options_.metric, "\".");
    first_loss_ = *find_log(logs, "loss");
  }

  void plan() {
    if (!result_.speeds.empty()) return;
    result_.speeds =
        plan_sizes(model_, parts_.train,
                   options_.batch_sizes.empty() ? usual_batch_sizes(rows()) : options_.batch_sizes, options_.fit);
    if (std::none_of(result_.speeds.begin(), result_.speeds.end(), [](const TuneSpeed& s) { return s.fits; })) {
      const int64_t smallest = result_.speeds.front().peak_bytes;
      throw BudgetError(
          "[tune] no batch size fits the budget. The smallest that fits is " + std::to_string(smallest) + " bytes.",
          options_.fit.memory, smallest);
    }
    keep();
  }

  void time() {
    int64_t sizes = 0;
    for (const TuneSpeed& speed : result_.speeds) sizes += speed.fits ? 1 : 0;
    SpeedBounds bounds{kSpeedSeconds, 0};
    if (options_.seconds > 0)
      bounds.seconds = std::min(kSpeedSeconds, kSpeedShare * options_.seconds / static_cast<double>(sizes));
    if (options_.samples > 0)
      bounds.samples = static_cast<int64_t>(kSpeedShare * static_cast<double>(options_.samples / sizes));
    for (TuneSpeed& speed : result_.speeds) {
      if (!speed.fits || speed.samples_per_second > 0) continue;
      measure_speed(model_, parts_.train, options_.fit, bounds, speed, result_.samples);
      say("batch size " + std::to_string(speed.batch_size) + ": " + rounded_number(speed.samples_per_second) +
          " samples/s");
      keep();
    }
  }

  int64_t range_batch() const {
    int64_t best = 0;
    for (const TuneSpeed& speed : result_.speeds)
      if (speed.fits && (best == 0 || speed.batch_size <= kUsualBatch)) best = std::max(best, speed.batch_size);
    return best;
  }

  void find_rates() {
    if (!result_.rates.empty()) return;
    const RateRange range = rate_range(model_, parts_.train, range_batch(), options_.fit);
    result_.rate_batch_size = range.batch_size;
    result_.rates = range.points;
    result_.rate_chosen = range.chosen;
    result_.rate_highest = range.highest;
    result_.samples += range.samples;
    say("learning rates up to " + rounded_number(range.highest) + " at batch size " + std::to_string(range.batch_size));
    keep();
  }

  // What is left of the time or the samples.
  RaceCourse course() const {
    RaceCourse course;
    course.goal = options_.goal;
    double speed = 0, fits = 0;
    for (const TuneSpeed& s : result_.speeds)
      if (s.fits) speed += std::log(s.samples_per_second), ++fits;
    speed = std::exp(speed / fits);
    const double samples = options_.samples > 0 && options_.goal != TuneGoal::Best
                               ? static_cast<double>(options_.samples)
                               : static_cast<double>(kUsualPasses * std::max<int64_t>(rows(), 1));
    const double seconds = options_.seconds > 0 ? 0.8 * options_.seconds : samples / speed;
    course.amount = options_.goal == TuneGoal::Fastest ? seconds : options_.seconds > 0 ? seconds * speed : samples;
    course.amount *= 1 - kProbeShare;
    if (options_.goal == TuneGoal::Best) {
      course.most = static_cast<double>(options_.samples);
      if (options_.seconds == 0) course.amount = std::numeric_limits<double>::max();
    }
    return course;
  }

  std::vector<Racer> racers() const {
    std::vector<Racer> racers;
    for (const TuneSpeed& speed : result_.speeds) {
      if (!speed.fits) continue;
      for (double factor : kRates)
        racers.push_back({speed.batch_size,
                          factor * rate_at(model_, result_.rate_chosen, result_.rate_batch_size, speed.batch_size),
                          speed.samples_per_second});
    }
    return racers;
  }

  std::string file_of(const Racer& racer, int64_t repeat) const {
    return folder_ + "/branches/b" + std::to_string(racer.batch_size) + "_lr" + rounded_number(racer.learning_rate) +
           (repeat > 0 ? "_again" : "") + ".keras";
  }

  TuneBranch* find(const Racer& racer, int64_t round, int64_t repeat) {
    for (TuneBranch& branch : result_.branches)
      if (branch.round == round && branch.repeat == repeat && branch.batch_size == racer.batch_size &&
          branch.learning_rate == racer.learning_rate)
        return &branch;
    return nullptr;
  }

  void race() {
    std::vector<Racer> running = racers();
    const RaceCourse about = course();
    const std::vector<int64_t> rounds = racers_of_rounds(static_cast<int64_t>(running.size()));
    for (size_t r = 0; r < rounds.size(); ++r) {
      const int64_t repeats = r + 1 == rounds.size() ? kRepeats : 1;
      for (const Racer& racer : running)
        for (int64_t repeat = 0; repeat < repeats; ++repeat)
          if (!find(racer, static_cast<int64_t>(r) + 1, repeat))
            run_leg(racer, static_cast<int64_t>(r) + 1, repeat, samples_of(racer, about, rounds, r));
      if (r + 1 < rounds.size()) running = best_of(running, static_cast<int64_t>(r) + 1, rounds[r + 1]);
    }
    if (std::all_of(running.begin(), running.end(), [&](const Racer& racer) {
          return std::isinf(find(racer, static_cast<int64_t>(rounds.size()), 0)->score);
        }))
      fail_run("tune", "a branch must keep a finite loss. All diverged: look at the data and the model.");
    winner_ = running.front();
    for (const Racer& racer : running)
      if (better_score(options_.metric, find(racer, static_cast<int64_t>(rounds.size()), 0)->score,
                       find(winner_, static_cast<int64_t>(rounds.size()), 0)->score))
        winner_ = racer;
    result_.noise_scale = find(winner_, static_cast<int64_t>(rounds.size()), 0)->noise_scale;
  }

  // A racer goes on from what its last round left; repeats of the last round from the same state, in another order.
  void run_leg(const Racer& racer, int64_t round, int64_t repeat, int64_t samples) {
    TuneBranch branch;
    branch.round = round;
    branch.batch_size = racer.batch_size;
    branch.learning_rate = racer.learning_rate;
    branch.repeat = repeat;
    const TuneBranch* before = find(racer, round - 1, 0);
    Model model = before && std::isfinite(before->loss) ? Model::load(file_before(racer, round)) : model_.copy();
    if (before) {
      branch.loss_before = before->loss;
      model.optimizer_state().samples = static_cast<uint64_t>(before->samples);
      branch.samples = before->samples;
      branch.updates = before->updates;
      branch.seconds = before->seconds;
    } else {
      branch.loss_before = first_loss_;
      set_learning_rate(model, racer.learning_rate);
    }
    BranchLeg leg{racer.batch_size, racer.learning_rate, samples, static_cast<uint64_t>(round * kRepeats + repeat),
                  options_.fit};
    const LegResult run = train_on(model, parts_.train, leg);
    branch.samples += run.samples;
    branch.updates += run.updates;
    branch.seconds += run.seconds;
    result_.samples += run.samples;
    branch.loss = branch.score = kLost;
    if (!run.lost) {
      const Logs logs = measure(model, parts_.holdout, options_.fit);
      branch.loss = *find_log(logs, "loss");
      branch.score = *find_log(logs, options_.metric);
      if (std::isfinite(branch.loss)) model.save(file_after(racer, round, repeat));
    }
    branch.noise_scale = run.noise_scale;
    say("round " + std::to_string(round) + ": batch size " + std::to_string(racer.batch_size) + ", learning rate " +
        rounded_number(racer.learning_rate) + ": " + options_.metric + " " +
        (std::isfinite(branch.score) ? rounded_number(branch.score) : "lost") + " after " +
        std::to_string(branch.samples) + " samples, " + rounded_number(branch.seconds) + " s");
    if (options_.on_branch) options_.on_branch(branch);
    result_.branches.push_back(branch);
    keep();
  }

  // Rounds alternate between two names: a kill between saving and recording repeats the leg from what it began with.
  std::string file_before(const Racer& racer, int64_t round) const { return file_after(racer, round - 1, 0); }
  std::string file_after(const Racer& racer, int64_t round, int64_t repeat) const {
    std::string name = file_of(racer, repeat);
    return name.insert(name.size() - std::string(".keras").size(), round % 2 ? "_a" : "_b");
  }

  std::vector<Racer> best_of(const std::vector<Racer>& running, int64_t round, int64_t count) {
    std::vector<Racer> sorted = running;
    std::stable_sort(sorted.begin(), sorted.end(), [&](const Racer& a, const Racer& b) {
      return better_score(options_.metric, find(a, round, 0)->score, find(b, round, 0)->score);
    });
    for (size_t i = static_cast<size_t>(count); i < sorted.size(); ++i)
      for (const char* name : {"_a", "_b"}) {
        std::string file = file_of(sorted[i], 0);
        std::error_code ignored;
        std::filesystem::remove(file.insert(file.size() - std::string(".keras").size(), name), ignored);
      }
    sorted.resize(static_cast<size_t>(count));
    for (const Racer& racer : sorted) find(racer, round, 0)->kept = true;
    keep();
    return sorted;
  }

  // From where the winner stands: how much a sample is worth at other batch sizes.
  void probe() {
    const size_t rounds = racers_of_rounds(static_cast<int64_t>(racers().size())).size();
    BranchProbeOptions probe;
    for (const TuneSpeed& speed : result_.speeds)
      if (speed.fits && speed.batch_size * 4 >= winner_.batch_size) probe.batch_sizes.push_back(speed.batch_size);
    if (probe.batch_sizes.size() < 3) return;
    const int64_t total = static_cast<int64_t>(kProbeShare * static_cast<double>(result_.samples));
    probe.samples = total / static_cast<int64_t>(probe.batch_sizes.size());
    while (probe.batch_sizes.size() > 3 && probe.batch_sizes.back() * 4 > probe.samples) probe.batch_sizes.pop_back();
    if (probe.batch_sizes.back() > probe.samples) return;
    probe.rate_batch_size = winner_.batch_size;
    probe.holdout = parts_.holdout;
    probe.fit = options_.fit;
    Model model = Model::load(file_after(winner_, static_cast<int64_t>(rounds), 0));
    model.optimizer_state().learning_rate = winner_.learning_rate;
    const BranchProbeResult found = branch_probe(model, parts_.train, probe);
    for (const Branch& branch : found.branches) result_.samples += branch.samples;
    result_.critical_batch = found.critical_batch;
  }

  const Model& model_;
  const TuneOptions& options_;
  const HeldOut parts_;
  const Config settings_;
  std::string folder_;
  bool temporary_ = false;
  std::chrono::steady_clock::time_point began_;
  double seconds_before_ = 0;
  double first_loss_ = 0;  // of the model as it was given
  Racer winner_;
  TuneResult result_;
};

}  // namespace

TuneGoal tune_goal(const std::string& name) {
  for (TuneGoal goal : {TuneGoal::Fastest, TuneGoal::Samples, TuneGoal::Best})
    if (name == name_of(goal)) return goal;
  fail("tune", "the goal must be fastest, samples or best. Got \"", name, "\".");
}

const char* name_of(TuneGoal goal) {
  switch (goal) {
    case TuneGoal::Fastest: return "fastest";
    case TuneGoal::Samples: return "samples";
    case TuneGoal::Best: return "best";
  }
  return "";
}

TuneResult tune(const Model& model, const Dataset& data, const TuneOptions& options) {
  return Tune(model, data, options).run();
}

}  // namespace batchwise
