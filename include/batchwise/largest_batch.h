// The largest batch size that fits a budget, with everything else exact.
#pragma once

#include <cstdint>

#include <batchwise/plan.h>

namespace batchwise {

class Model;

// Larger ones are not looked for. They need more memory, for what is kept of each grain, though little: whoever gets
// this number knows that so many fit, not that any number does.
constexpr int64_t kMostBatchSize = int64_t{1} << 24;

// Plans again and again; `options.batch_size` is ignored. kMostBatchSize when that fits too; 0 when not even one sample
// does.
int64_t largest_batch_size(const Model& model, const PlanOptions& options = {});

}  // namespace batchwise
