// Data kept in memory: a source's rows loaded once, when the budget has room for them.
#pragma once

#include <cstdint>

#include <batchwise/dataset.h>

namespace batchwise {

// Bytes of all rows and columns: what resident() adds to the memory of the process.
int64_t stored_bytes(const Dataset& data);

// The same rows, held in memory: what is already there is given back as it is. The peak while loading is stored_bytes
// plus 64 KiB.
Dataset resident(const Dataset& data);

}  // namespace batchwise
