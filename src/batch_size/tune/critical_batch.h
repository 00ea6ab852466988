// The batch size from which on samples are wasted, from branches that trained on equally many samples.
#pragma once

#include <optional>
#include <span>

#include <batchwise/branch_probe.h>

namespace batchwise {

// Of each batch size the best learning rate counts. Nothing for fewer than three batch sizes, where no branch improved
// the loss, or where the loss improves by the same at every size: then it is larger than what was tried.
std::optional<CriticalBatch> critical_batch(std::span<const Branch> branches);

}  // namespace batchwise
