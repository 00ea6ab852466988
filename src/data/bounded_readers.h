// A source that no more than so many threads read at a time.
#pragma once

#include <batchwise/dataset.h>

namespace batchwise {

// The same rows. REQUIRES: data.has_rows(), most >= 1.
Dataset with_readers(const Dataset& data, int64_t most);

}  // namespace batchwise
