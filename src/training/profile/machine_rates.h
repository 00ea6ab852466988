// How fast this machine multiplies and copies, on all lanes at once: what the floor of a profile is made of.
#pragma once

#include <cstdint>

#include <batchwise/profile.h>

#include "training/lanes/lanes.h"

namespace batchwise {

// Takes a few hundredths of a second, and rates_bytes of memory meanwhile.
MachineRates measure_rates(Lanes& lanes);
int64_t rates_bytes(int lanes);

}  // namespace batchwise
