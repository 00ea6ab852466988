// Runs a program's timetable over the grains of a batch on all lanes.
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "plan/lifetimes.h"
#include "plan/timetable.h"
#include "training/execution/noise_scale.h"
#include "training/execution/output_task.h"
#include "training/lanes/lanes.h"
#include "training/profile/work_kinds.h"
#include "training/program/program.h"
#include "training/update/gradient_sums.h"
#include "training/update/variable_store.h"

namespace batchwise {

// Where a program's buffers lie in the arena.
struct ExecutionMemory {
  std::vector<std::byte*> lane_regions;  // per lane: Placements::lane_bytes
  std::vector<std::byte*> lane_fixed;    // per lane: Execution::lane_fixed_bytes
  std::byte* kept = nullptr;             // grains * Placements::kept_bytes
  std::byte* shared = nullptr;           // Execution::shared_bytes
  double* statistics = nullptr;          // Execution::statistics_bytes
  int64_t grains = 0;                    // most grains of a run: what kept and statistics were sized for
};

// What one run of the timetable is given.
struct ExecutionRun {
  BatchRange batch;
  double samples = 1;  // of the update: what means are divided by
  uint64_t seed = 0;
  int64_t blocks = 1;
  GradientSums* sums = nullptr;  // null: nothing is summed (predict)
  const std::map<int64_t, double>* class_weight = nullptr;
  bool measures_noise = false;
  std::vector<std::byte*> predictions;  // per output: where the whole batch's predictions go; empty: nowhere
};

class Execution {
 public:
  ~Execution();
  Execution(const Program& program, size_t program_index, const Outline& outline, const Timetable& timetable,
            const Placements& placements, const VariableStore& variables, const std::vector<std::vector<int>>& runs,
            const NoiseSlots& noise, const Objectives* objectives, const Feed& feed,
            const std::vector<OutputTask>& outputs);

  static int64_t lane_fixed_bytes(const Program& program, int64_t doubles);
  static int64_t shared_bytes(const Outline& outline);
  static int64_t statistics_bytes(const Outline& outline, const Timetable& timetable, const NoiseSlots& noise,
                                  int64_t grains);
  void place(ExecutionMemory memory) { memory_ = std::move(memory); }
  void time_with(WorkKinds* kinds) { timed_ = kinds; }  // null: not at all

  // Whether several lanes on one grain are faster than one.
  static bool shares_grain(const Program& program, const Outline& outline, const Timetable& timetable) {
    return !shared_tasks(program, outline, timetable).empty();
  }

  // Called on every lane, with the same arguments. Throws on one lane what went wrong there; the sums are then void.
  void run(const ExecutionRun& run, Lanes& lanes, int lane);
  void begin(int64_t samples);  // before the lanes start: how many samples the next run has
  int64_t grains() const { return grains_; }
  // After begin: lanes share the only grain. One lane by itself gives the same bits.
  bool shared_by_lanes() const { return grains_ == 1 && !shared_.empty(); }
  // After begin: one lane does all of a run, and meets nobody.
  bool for_one_lane() const {
    return grains_ == 1 && timetable_.phases.size() == 1 && !combines_at_end_ && shared_.empty();
  }
  // After a run that measured it: what the grains' gradients tell.
  void read_noise(NoiseTerms& terms) const;
  void commit(int part, int parts) const;                // moving statistics into the weights
  bool moves_learned() const { return moves_learned_; }  // commit changes weights that learn: the update waits for it

 private:
  struct Lane;
  class Passage;
  // All lanes on one grain after the other, where there are too few for each lane to have one.
  void run_together(const ExecutionRun& run, Lanes& lanes, int lane);
  static std::vector<char> shared_tasks(const Program& program, const Outline& outline, const Timetable& timetable);
  bool share_task(const ExecutionRun& run, size_t task, int64_t grain, Passage& passage, Share share);
  void fetch_share(const ExecutionRun& run, const Task& task, const TaskSpots& spots, int64_t grain, Share share);
  // Before and after the tasks of a phase.
  void begin_grain(const ExecutionRun& run, size_t phase, int64_t grain, int lane);
  void end_grain(const ExecutionRun& run, size_t phase, int64_t grain, int lane);
  void run_grain(const ExecutionRun& run, size_t phase, int64_t grain, int lane);
  void fetch(const ExecutionRun& run, const Task& task, const TaskSpots& spots, int64_t grain, int lane);
  void forward(const ExecutionRun& run, const Task& task, const TaskSpots& spots, int64_t grain, int lane,
               Share share = {});
  OutputTask::Call output_call(const ExecutionRun& run, const Task& task, const TaskSpots& spots, int64_t grain,
                               int lane);
  OutputTask::Statistics loss_statistics(size_t op) const;
  void loss(const ExecutionRun& run, const Task& task, const TaskSpots& spots, int64_t grain, int lane);
  void backward(const ExecutionRun& run, const Task& task, const TaskSpots& spots, int64_t grain, int lane);
  // The call of a kernel, and what comes after it.
  BackwardCall backward_call(const ExecutionRun& run, const Task& task, const TaskSpots& spots, int64_t grain, int lane,
                             Share share = {});
  void give_gradients(const ExecutionRun& run, const Task& task, const TaskSpots& spots, int64_t grain, int lane);
  void perform(const ExecutionRun& run, size_t phase, size_t task, int64_t grain, int lane);
  int64_t combine(size_t phase, int lane, int lanes);                // the bytes of the grains' statistics that it read
  double amount_of(const Task& task, const TaskSpots& spots) const;  // for the clock
  std::byte* at(Spot spot, int64_t grain, int lane) const;
  int64_t valid(int64_t grain) const { return std::min(program_.grain(), samples_ - grain * program_.grain()); }

  const Program& program_;
  const size_t program_index_;
  const Outline outline_;
  const Timetable timetable_;
  const Placements placements_;
  const VariableStore& variables_;
  const std::vector<std::vector<int>> runs_;  // per op and weight: its run among the sums; -1: does not learn
  const NoiseSlots noise_;
  const Objectives* objectives_;
  const Feed& feed_;
  const std::vector<OutputTask>& outputs_;
  std::vector<int64_t> shared_at_;                 // per op
  std::vector<std::vector<float*>> committed_;     // per op: weights that its statistics move
  std::vector<int64_t> forward_at_, backward_at_;  // per op: where its statistics lie, in doubles per grain
  int64_t statistics_doubles_ = 0;                 // per grain
  std::vector<int> output_of_;                     // per op: the output it is the loss of
  std::vector<int> input_of_;                      // per value: the input of the model it is
  std::vector<char> ends_;                         // per input of the model: it is an output as well
  size_t loss_phase_ = 0;
  std::vector<char> shared_;      // per task: worth the meetings of lanes that share it; empty: none is
  bool combines_at_end_ = false;  // some statistics are combined after the last phase
  bool moves_learned_ = false;
  ExecutionMemory memory_;
  WorkKinds* timed_ = nullptr;
  std::vector<std::unique_ptr<Lane>> lanes_;
  int64_t samples_ = 0, grains_ = 0;
  std::vector<int64_t> grain_rows_;               // valid samples per grain, for combining
  std::unique_ptr<std::atomic<int64_t>[]> next_;  // per phase: the next unit of work
  // The meeting of lanes before which something failed. All lanes leave at that meeting: one that is still on its way
  // out of the meeting before must not see a failure of the next round there.
  static constexpr int64_t kNever = std::numeric_limits<int64_t>::max();
  std::atomic<int64_t> failed_before_{kNever};
};

}  // namespace batchwise
