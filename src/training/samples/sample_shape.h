// Which shapes stored samples may have for an input of a model.
#pragma once

#include <span>

#include <batchwise/shape.h>

#include "data/stages/following_stage.h"

namespace batchwise {

// Images of one channel may come without their channel axis, numbers without the axis of one number. A dimension that
// is not known agrees with any.
inline bool feeds(const Shape& stored, const Shape& wanted) {
  if (compatible(stored, wanted)) return true;
  if (stored.rank() + 1 != wanted.rank() || wanted.back() != 1) return false;
  return compatible(stored, Shape(std::span<const int64_t>(wanted.begin(), wanted.end() - 1)));
}

}  // namespace batchwise
