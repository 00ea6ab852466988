// A sweep whose cells are made by whoever runs it: the program opens files for each, the library copies a model.
#pragma once

#include <functional>

#include <batchwise/sweep.h>

#include "batch_size/sweep/sweep_grid.h"

namespace batchwise {

// A model compiled for the point and with its weights, and the data that the seed gives. `validation` may be empty.
struct PreparedCell {
  Model model;
  Dataset data, validation;
};
using PrepareCell = std::function<PreparedCell(const SweepPoint& point, uint64_t seed)>;

// Throws what run_sweep would before it does anything. `own`: the optimizer that points without one are compiled with.
void check_sweep(const Spec& own, const SweepOptions& options);
SweepResult run_sweep(const PrepareCell& prepare, const Spec& own, const SweepOptions& options);

}  // namespace batchwise
