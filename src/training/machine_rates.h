// How fast this machine multiplies and copies, on all lanes at once: what the floor of a profile is made of.
#pragma once

#include <cstddef>
#include <cstdint>

#include <batchwise/profile.h>

#include "training/lanes.h"

namespace batchwise {

// Takes a few hundredths of a second. `memory`: at least `bytes` of each lane, one after another, free to write.
// No rates where a lane has less than 512 KiB.
MachineRates measure_rates(Lanes& lanes, std::byte* memory, int64_t bytes);

}  // namespace batchwise
