// --reach METRIC=F: the value that trainings are compared by the way to.
#pragma once

#include <optional>
#include <string>

#include <batchwise/sweep.h>

namespace batchwise {

// Nothing for an empty text. Throws what a value must look like.
std::optional<SweepTarget> read_target(const std::string& text);

}  // namespace batchwise
