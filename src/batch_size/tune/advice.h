// What a tune recommends, in numbers and words.
#pragma once

#include <batchwise/tune.h>

namespace batchwise {

// Sets advice and runner-up from what was measured. REQUIRES: a branch that was not lost.
void advise(TuneResult& result, const TuneOptions& options);

// Whether `score` of the metric is better than `than`.
bool better_score(const std::string& metric, double score, double than);

}  // namespace batchwise
