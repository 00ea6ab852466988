// A plan as run.json keeps it, and back: what a picture of the memory is drawn from after the run.
#pragma once

#include <batchwise/config.h>
#include <batchwise/plan.h>

namespace batchwise {

// {"moments": …, "buffers": …, "reasons": […], "recomputed": […]}: what the plan event leaves out, by columns.
Config memory_record(const Plan& plan);

// The plan of the keys "plan" (a plan event) and "memory" of `run_record`; what is absent stays as in an empty plan.
// Throws Error(Input) for what is there and is not a plan.
Plan plan_of(const Config& run_record);

}  // namespace batchwise
