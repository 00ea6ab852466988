// The cells of a sweep: which there are, what each is compiled with, and which of them are compared with each other.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include <batchwise/sweep.h>

namespace batchwise {

// What a cell is compiled with, before its batch size changes it.
struct SweepPoint {
  std::optional<size_t> optimizer;      // of SweepOptions::optimizers; nothing: the model's own
  std::optional<double> learning_rate;  // of SweepOptions::learning_rates; nothing: the optimizer's own
};

struct SweepGrid {
  std::vector<SweepCell> cells;    // by optimizer, batch size, learning rate, seed
  std::vector<SweepPoint> points;  // of each cell
};

// Throws Error(Input) for lists that are empty or name one thing twice, and for a rule that does not suit.
SweepGrid sweep_grid(const SweepOptions& options, const Spec& own_optimizer);

// Runs of cells that differ in their seed alone: the first and the end of each.
std::vector<std::pair<size_t, size_t>> rows_of(const std::vector<SweepCell>& cells);

}  // namespace batchwise
