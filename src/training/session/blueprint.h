// Everything about a session that is decided before its memory is taken: programs, layouts, the plan.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <batchwise/dataset.h>
#include <batchwise/model.h>
#include <batchwise/plan.h>

#include "plan/grain.h"
#include "plan/memory.h"
#include "training/execution/noise_scale.h"
#include "training/execution/output_task.h"
#include "training/memory/process_bytes.h"
#include "training/program/objective.h"
#include "training/program/program.h"
#include "training/update/update.h"
#include "training/update/variable_store.h"

namespace batchwise {

struct SessionRequest {
  bool training = false;
  bool inference = false;  // validation, evaluation or prediction
  bool objectives = true;  // false: prediction, which needs no losses
  int64_t batch_size = 32;
  int64_t inference_batch = 32;    // what the losses of validation and evaluation are made over
  int64_t prediction_samples = 0;  // that are predicted at a time, where they are few; 0: many
  int64_t grain = 0;               // 0: chosen
  int64_t least_grains = 1;        // that a batch is to have, when its grain is chosen
  int64_t budget = 0;              // 0: found
  int lanes = 0;                   // 0: one per usable core
  bool noise_scale = false, noise_scale_by_layer = false;
  bool profile = false;        // steps are timed work by work
  bool promise = false;        // another process will train: what fits is to fit there as well
  ProcessBytes library;        // as an earlier session of the run measured it; none: measured now
  int64_t callback_bytes = 0;  // what callbacks hold
  int64_t pipeline_bytes = 0;  // what the data sets hold in memory
  int64_t pipeline_spare = 0;  // of them: held because there is room, else read again from files
  int64_t pipeline_ahead = 0;  // what they will hold in memory: read ahead, shuffled, buffered
  Dataset data;                // empty: samples stored as the model reads them
  Dataset validation;
};

// One program with all that its execution needs to know. `choice` of inference has one phase.
struct PlannedProgram {
  std::unique_ptr<Program> program;
  std::vector<OutputTask> outputs;
  Outline outline;
  Timetable timetable;
  Placements placements;
};

class Blueprint {
 public:
  // Throws BudgetError when the request does not fit. Takes no memory but its own.
  Blueprint(const Model& model, SessionRequest request);

  const Plan& plan() const { return plan_; }
  void explain(const std::string& reason) {  // one more reason of the plan; "": none
    if (!reason.empty()) plan_.reasons.push_back(reason);
  }
  const SessionRequest& request() const { return request_; }
  const Grain& grain() const { return grain_; }
  const MemoryChoice& choice() const { return choice_; }
  const Objectives* objectives() const { return objectives_ ? &*objectives_ : nullptr; }
  std::optional<PlannedProgram>& training() { return training_; }
  std::optional<PlannedProgram>& inference() { return inference_; }
  VariableStore& variables() { return *variables_; }
  const WeightPenalties& penalties() const { return *penalties_; }
  Update* update() { return update_ ? &*update_ : nullptr; }
  const std::vector<std::vector<int>>& runs_of_ops() const { return runs_of_ops_; }
  const NoiseSlots& noise_slots() const { return noise_slots_; }
  int noise_slot_of(size_t variable) const { return noise_slot_of_variable_[variable]; }  // -1: none
  const NoiseSlots& noise_slots_of(bool training) const { return training ? noise_slots_ : no_noise_; }
  int64_t noise_interval() const { return noise_interval_; }  // updates
  const GradientSums::Shape& sums_shape() const { return sums_shape_; }
  size_t inference_index() const { return training_ ? 1 : 0; }

  // Samples that inference runs between two looks around, and the blocks that their sums are made of.
  // Whole batches, where the loss of a batch is not the mean over its samples.
  int64_t slab() const;
  int most_lanes() const;
  int64_t slab_grains() const;
  static constexpr int64_t kSlabBlocks = 16;
  const ProcessBytes& library() const { return library_; }  // of the process besides all that is planned
  int64_t prediction_bytes() const;                         // of a slab, all outputs

 private:
  PlannedProgram lower(const Model& model, int64_t grain, bool training, const Dataset& data);
  void name_runs();
  void name_noise_slots(const std::vector<std::vector<int>>& runs_of_variables);
  MemoryNeeds needs() const;
  void settle(int64_t budget, int lanes);
  void describe();

  const Model& model_;
  SessionRequest request_;
  Grain grain_;
  std::vector<Objective> no_objectives_;
  std::optional<Objectives> objectives_;
  std::optional<PlannedProgram> training_, inference_;
  std::optional<VariableStore> variables_;
  std::optional<WeightPenalties> penalties_;
  std::optional<Update> update_;
  std::vector<std::vector<int>> runs_of_ops_;
  GradientSums::Shape sums_shape_;
  NoiseSlots noise_slots_;
  std::vector<int> noise_slot_of_variable_;
  std::vector<char> added_runs_;  // per run: grains add to its sum themselves
  const NoiseSlots no_noise_;
  int64_t noise_interval_ = 1;
  ProcessBytes library_;
  MemoryNeeds needs_;
  MemoryChoice choice_;
  Plan plan_;
};

}  // namespace batchwise
