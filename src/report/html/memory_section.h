// Where the bytes of a run lie: over the step, by class, and in words.
#pragma once

#include <string>

#include <batchwise/config.h>
#include <batchwise/plan.h>

namespace batchwise {

constexpr int kPlannedColour = 0, kMeasuredColour = 1;

// `measured`: the peak of the process; 0: not known. "" when the plan is empty.
std::string memory_section(const Plan& plan, double measured);

}  // namespace batchwise
