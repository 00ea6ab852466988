// The gradient noise scale of a run, estimated from the gradients of the grains that its batches are made of.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <batchwise/callback.h>

#include "plan/grain.h"

namespace batchwise {

// Where the squares of gradients are added: one slot for all weights, or one for each. Weights that stand at several
// places of a model have none: the gradient of a grain is then nowhere as a whole.
struct NoiseSlots {
  std::vector<int> of_run;         // per run of the gradient sums; -1: none
  std::vector<std::string> names;  // of the slots; empty: the noise scale is not measured
};

// What one update tells. Gradients are those of the batch's mean loss, without penalties on weights.
struct NoiseTerms {
  int64_t samples = 0, grains = 0;
  std::vector<double> grain_squares;  // per slot: sum over grains of |their part of the gradient|^2 / their samples
  std::vector<double> squares;        // per slot: |gradient|^2
};

// The mean of two quantities whose ratio is wanted, over updates that weigh less the older they are.
class NoiseEstimate {
 public:
  void add(double spread, double gradient);
  // The ratio with Fieller's interval. Nothing with fewer than kLeastUpdates, or when its bounds are further apart than
  // kWidest: 1.
  std::optional<NoiseScale> read() const;
  static constexpr int kNumbers = 7;
  std::vector<double> state() const;
  void restore(const double* numbers);

  static constexpr double kKept = 0.98;  // of the weight of what came before, at each update: the last 50 or so count
  static constexpr double kLeastUpdates = 8;
  static constexpr double kWidest = 10;

 private:
  double weight_ = 0, squared_weight_ = 0;
  double spread_ = 0, gradient_ = 0;                  // means
  double spread2_ = 0, gradient2_ = 0, product_ = 0;  // sums of weighted products of deviations from the means
};

// Not thread-safe.
class NoiseMeter {
 public:
  // `population`: samples of the data set, when batches are drawn from it without putting back; else 0.
  NoiseMeter(const NoiseSlots& slots, int64_t population);

  void add(const NoiseTerms& terms);  // an update of one grain tells nothing
  std::optional<NoiseScale> read() const { return all_.read(); }
  std::vector<std::pair<std::string, std::optional<NoiseScale>>> by_slot() const;

  std::vector<double> state() const;
  void restore(const std::vector<double>& numbers);  // slots begin anew where their number is another

 private:
  std::vector<std::string> names_;
  int64_t population_;
  NoiseEstimate all_;
  std::vector<NoiseEstimate> slots_;  // when there are several
};

// Every which update is measured, so that measuring takes about a hundredth of the time: a function of the model and
// the grain alone, like everything that checkpoints rest on.
int64_t noise_interval(const GrainFacts& facts, const Grain& grain);

}  // namespace batchwise
