// The largest batch size that fits a budget, with everything else exact.
#pragma once

#include <cstdint>

#include <batchwise/plan.h>

namespace batchwise {

class Model;

constexpr int64_t kAnyBatchSize = int64_t{1} << 24;  // larger ones are not looked for

// Plans again and again; `options.batch_size` is ignored. kAnyBatchSize when that fits too; 0 when not even one sample
// does.
int64_t largest_batch_size(const Model& model, const PlanOptions& options = {});

}  // namespace batchwise
