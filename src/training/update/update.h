// One weight update from the summed gradients: clip, decay, step, average, constrain, in Keras's order.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include <batchwise/optimizer.h>

#include "training/lanes/lanes.h"
#include "training/memory/arena.h"
#include "training/update/gradient_sums.h"
#include "training/update/variable_store.h"
#include "training/update/weight_penalties.h"

namespace batchwise {

class Update {
 public:
  // `runs[v]`: the runs of the sums that add up to the gradient of variable v; empty: it does not learn.
  // `penalties` must outlive the update.
  Update(const Model& model, const VariableStore& variables, const WeightPenalties& penalties,
         std::vector<std::vector<int>> runs);

  int64_t optimizer_bytes() const;                    // slots and averages
  int64_t accumulator_bytes() const;                  // of gradient_accumulation_steps
  int64_t lane_bytes() const { return lane_bytes_; }  // of each lane while it updates
  // After the weights have their values, from which some slots begin.
  void place(const VariableStore& variables, Arena& arena);

  // Called on every lane. `scale` multiplies the gradients. `scratch`: lane_bytes() of this lane's own. REQUIRES:
  // begin() was called by one thread before.
  void run(const VariableStore& variables, GradientSums& sums, float scale, Lanes& lanes, int lane, std::byte* scratch);
  void begin(bool measures = false);  // measures: also the squares of the gradients
  void end();                         // counts the update
  // Bytes that the next update reads and writes on all lanes together: the sums of `blocks`, weights and what is kept
  // beside them, and copies of weights in other layouts.
  int64_t moved_bytes(const VariableStore& variables, int64_t blocks) const;
  double gradient_square(size_t v) const;                        // of the last update that measured them, unclipped
  void overwrite_with_averages(const VariableStore& variables);  // what use_ema does at the end of fit

  const Optimizer& optimizer() const { return *optimizer_; }
  double learning_rate() const;         // of the next update
  void set_learning_rate(double rate);  // throws when a schedule rules

  // State between sessions and in checkpoints.
  int64_t iterations() const { return iterations_; }  // every call counts, also those that only accumulate
  double schedule_position() const { return schedule_position_; }
  void set_schedule_step(double step) {
    schedule_step_ = step;
  }  // what one update moves the schedule by: 1, or the ratio of batch sizes after a resume
  struct Tensor {
    std::string name;
    size_t variable;
    float* stored;
    int64_t count;   // floats as stored
    bool canonical;  // in Keras's order; else in the layout of the variable
  };
  const std::vector<Tensor>& tensors() const { return tensors_; }  // Keras's order of optimizer variables
  static int64_t canonical_count(const Tensor& tensor, const VariableStore& variables);
  static void unpack(const Tensor& tensor, const VariableStore& variables, float* values);
  static void pack(const Tensor& tensor, const VariableStore& variables, const float* values);
  void load(const OptimizerState& state, const VariableStore& variables);
  OptimizerState save(const VariableStore& variables) const;
  // Moves the state out at the end, tensor by tensor. Goes on after what was given back before it threw.
  void give_back(const VariableStore& variables, Arena& arena, OptimizerState& state);
  void restore_counters(int64_t iterations, double schedule_position, double learning_rate);

 private:
  struct Chunk {
    size_t variable;
    int64_t begin, end;
    int64_t place;  // of begin, among the floats of all variables
  };
  // What is known and kept of a variable that learns.
  struct Held {
    bool learns = false, whole = false;
    LearnedVariable about;
    int64_t count = 0;  // floats as stored
    double decay = 0;
    std::unique_ptr<Constraint> constraint;
    std::vector<SlotSpec> specs;
    std::vector<float*> slots;
    float* average = nullptr;
    float* accumulator = nullptr;
  };
  Held held_of(const Variable& variable, int64_t stored_count, bool learns) const;
  int64_t slot_count(const Held& held, const SlotSpec& spec) const;
  int64_t scratch_of(const VariableStore& variables, size_t v) const;
  void name_tensors();
  bool updates_now() const;
  bool clips_by_norm() const;
  void gather(const VariableStore& variables, GradientSums& sums, const Chunk& chunk, float scale);
  void accumulate(GradientSums& sums, const Chunk& chunk) const;
  double square_of(const GradientSums& sums, const Chunk& chunk) const;
  void prepare(const VariableStore& variables, GradientSums& sums, const Chunk& chunk, float clip) const;
  void step(const VariableStore& variables, GradientSums& sums, const Chunk& chunk) const;
  void step_whole(const VariableStore& variables, GradientSums& sums, size_t v, std::byte* scratch) const;
  void average(const VariableStore& variables, const Chunk& chunk) const;
  void constrain(const VariableStore& variables, size_t v, std::byte* scratch) const;
  float clip_of(size_t variable) const;
  // Calls work(v) for the variables of `list` that this lane comes to first.
  template <class Work>
  void share(const std::vector<size_t>& list, std::atomic<size_t>& next, const Work& work) const;
  void save(const Tensor& tensor, const VariableStore& variables, OptimizerState& state) const;
  static std::string slot_name(const Tensor& tensor, const VariableStore& variables);

  std::unique_ptr<Optimizer> optimizer_;
  const WeightPenalties& penalties_;
  std::vector<std::vector<int>> runs_;
  std::vector<Held> held_;
  std::vector<size_t> whole_, constrained_, penalised_;  // variables that are taken one at a time, large ones first
  std::atomic<size_t> next_whole_{0}, next_constrained_{0}, next_penalised_{0};
  std::vector<Chunk> chunks_;
  int64_t floats_ = 0;               // of all chunks
  std::vector<size_t> first_chunk_;  // per variable, and the end
  std::vector<double> square_sums_;  // per chunk: of what is clipped
  std::vector<double> measured_;     // per chunk: of the gradients as they are
  bool measures_ = false;
  int64_t lane_bytes_ = 0;
  std::vector<Tensor> tensors_;
  size_t given_back_ = 0;  // tensors
  UpdateScalars scalars_;
  int64_t iterations_ = 0;
  double learning_rate_ = 0;
  double schedule_position_ = 0, schedule_step_ = 1;
};

}  // namespace batchwise
