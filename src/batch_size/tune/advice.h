// What a tune recommends, in numbers and words.
#pragma once

#include <batchwise/tune.h>

namespace batchwise {

// Sets advice, runner-up and noise scale from what was measured. `rows`: of a pass; 0: not known.
// REQUIRES: a branch that was not lost.
void advise(TuneResult& result, const TuneOptions& options, int64_t rows = 0);

}  // namespace batchwise
