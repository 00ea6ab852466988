// What the cells of a sweep say together: target, rows with intervals, curves, notes.
#pragma once

#include <string>

#include <batchwise/sweep.h>

namespace batchwise {

// The metric that cells are compared by when none was asked for: the first metric of the validation, else its loss,
// else the same of the training data. "" while nothing was measured.
std::string usual_metric(const std::vector<SweepCell>& cells);

// Fills everything but cells, from the cells. `stated`: the target that was asked for.
void summarize(SweepResult& result, const std::optional<SweepTarget>& stated);

}  // namespace batchwise
