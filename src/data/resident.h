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

// Whether reading the rows from files again and again only costs time: they are not made anew, and not in memory yet.
bool worth_holding(const Dataset& data);

// Whether `held` bytes of rows are a small part of the budget, and fit it beside a plan of `peak` bytes.
bool room_to_hold(int64_t held, int64_t peak, int64_t budget);

// Bytes for samples that were decoded, beside a plan of `peak` bytes: what it leaves, up to half of a budget that was
// stated, and a quarter of one that was found: other programs may come to need it.
int64_t room_for_decoded(int64_t peak, int64_t budget, bool stated);

}  // namespace batchwise
