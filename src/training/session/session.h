// The buffers of one plan, and the steps made in them.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "images/decoding_memory.h"
#include "model/held_weights.h"
#include "training/execution/execution.h"
#include "training/lanes/alone_or_together.h"
#include "training/memory/arena.h"
#include "training/session/blueprint.h"

namespace batchwise {

// Losses and metrics of one batch.
struct StepResult {
  double samples = 0;
  double loss = 0;  // total, regularisation included
  std::vector<double> output_losses;
  std::vector<double> metrics;  // states, to be added to an epoch's
};

void add_to(RunningSums& sums, const StepResult& step);

// Gradients that are kept from batch to batch: one entry per run of the sums.
using Carry = std::vector<std::vector<float>>;

// Before anything is begun: naming the first weight that is not.
void require_finite_weights(const Model& model);

// Owns the model's weights while it lives: they are given back at the end, also when a step throws. Not thread-safe;
// steps run on its lanes.
class Session {
 public:
  // Throws BudgetError when the system cannot give the memory.
  // `hold`: of the model's weights, where somebody already has it.
  Session(const Model& model, std::unique_ptr<Blueprint> blueprint, uint64_t seed, bool allow_nan,
          std::optional<WeightsHold> hold = std::nullopt);
  ~Session();

  const Plan& plan() const { return blueprint_->plan(); }
  const Objectives& objectives() const { return *blueprint_->objectives(); }
  Update& update() { return *blueprint_->update(); }
  const NoiseSlots& noise_slots() const { return blueprint_->noise_slots(); }
  int64_t noise_interval() const { return blueprint_->noise_interval(); }
  const VariableStore& variables() const { return blueprint_->variables(); }
  Lanes& lanes() { return *lanes_; }
  WorkKinds* work_kinds() { return kinds_ ? &*kinds_ : nullptr; }  // where the request wants a profile

  // Forward and backward of a batch of at most plan().batch_size samples, its gradients divided by `scale_samples`.
  // Throws, with everything as before, when something fails or the loss is not finite (unless allowed).
  const StepResult& compute(const BatchRange& batch, double scale_samples,
                            const std::map<int64_t, double>* class_weight, bool measures_noise = false);
  // Moves the weights by `scale` times the gradients of the last compute, or of those carried.
  void apply(float scale, bool measures_noise = false);
  Carry empty_carry() const;
  // `after`: `before` and the gradients of the last compute. They may be one. Allocates nothing.
  void add_to_carry(const Carry& before, Carry& after);
  void load_carry(const Carry& carry);
  // compute, then apply: one weight update, or nothing.
  // `noise`: filled with what the update tells of it; null: not measured.
  const StepResult& step(const BatchRange& batch, const std::map<int64_t, double>* class_weight,
                         NoiseTerms* noise = nullptr);

  // Sums over `samples` samples from `first` on, in inference. `batch_size` matters only for losses that are not means.
  // `seen` is called after every slab.
  RunningSums evaluate(const Dataset& data, int64_t samples, int64_t batch_size, const SumsSeen& seen = {});
  // The predictions of samples [first, first + count), count <= slab(); per output, valid until the next call.
  std::vector<Array> predict(const Dataset& data, int64_t first, int64_t count);
  const Feed& feed() const { return *feed_; }  // REQUIRES: a session that trains
  int64_t slab() const { return blueprint_->slab(); }

  // Memory that is free between steps: at least one canonical weight.
  std::span<float> between_steps();
  // Throws unless stored as what the session was made for.
  void check_same_columns(const Dataset& data, std::string_view where) const;
  void weights_changed();  // after values were written into the store from outside
  void finish();           // gives weights and optimizer state back to the model

 private:
  void place();
  void first_touch(int64_t lane_bytes);
  void refresh_inference();
  Lanes& crew();  // that work on the batch
  void read_result(GradientSums& sums, double samples);
  void check_loss() const;
  void read_noise(NoiseTerms& terms) const;

  const Model& model_;
  std::optional<WeightsHold> hold_;  // first of all: it goes when everything was given back
  std::unique_ptr<Blueprint> blueprint_;
  const uint64_t seed_;
  const bool allow_nan_;
  Arena arena_;
  std::unique_ptr<Lanes> lanes_;
  Lanes one_lane_{1};
  AloneOrTogether alone_or_together_;
  std::optional<GradientSums> sums_, inference_sums_;
  DecodingLimit decoding_limit_;  // what the plan leaves of the budget
  std::optional<Feed> feed_, inference_feed_;
  std::optional<Execution> training_, inference_;
  std::optional<WorkKinds> kinds_;
  const std::byte* after_state_ = nullptr;  // the arena's memory behind weights and optimizer state
  std::byte* transient_ = nullptr;
  StepResult result_;  // of the last step; its vectors are made once
  std::vector<std::byte*> prediction_slabs_;
  bool inference_stale_ = true;
  bool finished_ = false;
};

}  // namespace batchwise
