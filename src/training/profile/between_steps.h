// Which rows of a profile are no part of a step.
#pragma once

#include <string_view>

namespace batchwise {

inline bool lies_between_steps(std::string_view layer, std::string_view work) {
  return layer.empty() && (work == "validation" || work == "checkpoint" || work == "between steps");
}

}  // namespace batchwise
