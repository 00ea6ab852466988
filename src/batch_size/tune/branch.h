// A copy of a model that trains on for some samples at a batch size and a learning rate of its own.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include <batchwise/model.h>

namespace batchwise {

constexpr double kLost = std::numeric_limits<double>::infinity();  // the loss of a branch that diverged

using Deadline = std::chrono::steady_clock::time_point;
Deadline after(double seconds);  // from now

struct BranchLeg {
  int64_t batch_size = 0;
  double learning_rate = 0;
  int64_t samples = 0;               // whole passes when more than the data set has
  uint64_t order = 0;                // legs of the same number see the same samples
  FitOptions fit;                    // memory, lanes, grain, class_weight; the rest is the branch's own
  std::optional<Deadline> deadline;  // no step begins after it, but the first
};

struct LegResult {
  int64_t samples = 0, updates = 0;
  double seconds = 0;  // of training steps
  bool lost = false;   // the loss was no longer finite
  std::optional<NoiseScale> noise_scale;
};

// Compiles the model with another learning rate; the optimizer's state stays. Nothing else follows the batch size, so
// that `train --batch-size --learning-rate` does the same.
void set_learning_rate(Model& model, double rate);
// The learning rate of another batch size by the rule that suits the model's optimizer.
double rate_at(const Model& model, double rate, int64_t from, int64_t to);
// What the model's optimizer begins with. Throws when a schedule rules it.
double learning_rate_of(const Model& model);

// Trains `branch` on. Throws what fit throws, but a loss that is not finite ends the leg.
LegResult train_on(Model& branch, const Dataset& data, const BranchLeg& leg);

// The loss and the metrics on `holdout`; of a model that is lost, infinite losses.
Logs measure(const Model& model, const Dataset& holdout, const FitOptions& fit);

// Samples to train on, and others to compare on.
struct HeldOut {
  Dataset train, holdout;
};
// The validation data of `fit`, or the share that its validation_split states; else every tenth sample, at most so many
// as tell losses apart.
HeldOut hold_out(const Dataset& data, const FitOptions& fit, std::string_view where);

}  // namespace batchwise
