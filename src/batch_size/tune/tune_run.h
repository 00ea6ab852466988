// One tune while it runs: what it knows so far, and the steps that add to it.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include <batchwise/model.h>
#include <batchwise/tune.h>

#include "batch_size/tune/branch.h"
#include "batch_size/tune/race.h"
#include "data/decoded_room.h"
#include "training/memory/process_bytes.h"

namespace batchwise {

class TuneRun {
 public:
  // Throws what can be known before the first step.
  TuneRun(const Model& model, const Dataset& data, const TuneOptions& options);
  ~TuneRun();
  TuneResult run();

 private:
  void say(const std::string& text) const;
  std::string record() const { return folder_ + "/tune.json"; }
  void keep();  // what is known, in the record
  double seconds() const;
  bool time_is_up() const { return options_.seconds > 0 && seconds() >= options_.seconds; }
  std::optional<Deadline> deadline() const;
  std::vector<int64_t> sizes() const;  // to choose from, in rising order
  int64_t rows() const;                // of a pass; not positive: not known
  // That all trials together may train on; 0: no bound. For Best the number stated is that of one training.
  int64_t samples_bound() const { return options_.goal == TuneGoal::Best ? 0 : options_.samples; }
  // At most: timing takes more on faster machines, and the race must not depend on it.
  double samples_before_race() const;
  int64_t samples_in_race() const;

  void begin();
  void hold_in_memory();
  void shorten_looks();
  void plan();
  void time();
  void find_rates();
  void race();
  void probe();

  RaceCourse course() const;  // what is left of the time or the samples
  std::vector<Racer> racers() const;
  std::string file_of(const Racer& racer, int64_t round) const;
  Model load(const Racer& racer, int64_t round) const;  // as the round left it
  TuneBranch* find(const Racer& racer, int64_t round, int64_t repeat);
  const TuneBranch* find(const Racer& racer, int64_t round, int64_t repeat) const;
  const TuneBranch* last_before(const Racer& racer, int64_t round) const;  // its last round; null: it has run none
  // That the racer trains on to come as far as the others in this round.
  int64_t samples_to_run(const Racer& racer, int64_t round, int64_t repeat, const RaceCourse& course,
                         const std::vector<int64_t>& rounds) const;
  bool room_for(int64_t samples) const;  // in the time and the samples that all trials may take
  bool bounded() const { return options_.seconds > 0 || samples_bound() > 0; }

  std::optional<double> shortest_way(int64_t round) const;  // in all rounds up to this one
  // As many of `samples` as tell whether the racer comes to the value not much later than the first did.
  int64_t as_far_as_it_matters(const Racer& racer, int64_t round, int64_t samples) const;
  int64_t samples_within(const Racer& racer, double amount) const;  // seconds or samples, as the goal counts
  // Repeats on the way to a value: from the model as it was given, in another order, until twice the way of who leads.
  bool begins_anew(int64_t repeat) const { return options_.reach && repeat > 0; }
  const TuneBranch* begins_at(const Racer& racer, int64_t round, int64_t repeat) const;  // null: the given model
  Model as_given(int64_t repeat) const;
  int64_t whole_way(const Racer& racer) const;
  using RunLeg = std::function<bool(const Racer&, int64_t repeat)>;                           // false: no room
  bool repeat_the_best(const std::vector<Racer>& racers, int64_t round, const RunLeg& runs);  // false: no room
  void see_way(TuneBranch& branch, double spent_before, double score_before, double score) const;
  // After a round in which the value was reached: those that were left behind before, and repeats of the best two.
  void try_others(std::vector<Racer>& racers, int64_t round, const RaceCourse& course,
                  const std::vector<int64_t>& rounds);
  bool run_round(const std::vector<Racer>& racers, int64_t round, const RaceCourse& course,
                 const std::vector<int64_t>& rounds);  // false: there was no room for all
  // False: the time was over before its end, and it is not `needed`: nothing is kept of it.
  bool run_leg(const Racer& racer, int64_t round, int64_t repeat, int64_t samples, bool needed);
  bool chase(std::vector<Racer> racers, int64_t round);  // false: time is up
  void tell(const TuneBranch& branch);
  bool run_on(const Racer& racer, int64_t round, int64_t samples);  // from where its round ended; false: cut short
  bool train_with_looks(Model& model, TuneBranch& branch, const BranchLeg& leg);  // false: cut short
  bool improved(const std::vector<Racer>& racers, int64_t round);
  std::vector<Racer> best_of(std::vector<Racer> racers, int64_t round, int64_t count);

  const Model& model_;
  const TuneOptions& options_;
  DecodedRoom decoded_;
  HeldOut parts_;  // the holdout as much of it as there is time to look at
  const Config settings_;
  std::string folder_;
  bool temporary_ = false;
  std::chrono::steady_clock::time_point began_;
  double seconds_before_ = 0;
  double first_loss_ = 0, first_score_ = 0;  // of the model as it was given
  std::optional<OneMeasure> measure_;        // of the process, for all legs
  Racer winner_;
  int64_t last_round_ = 0;
  TuneResult result_;
};

}  // namespace batchwise
