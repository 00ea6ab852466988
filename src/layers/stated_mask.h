// Masks: one that a call states itself, beside other arguments; and which tensors a mask may go with.
#pragma once

#include <algorithm>

#include <batchwise/call_form.h>
#include <batchwise/shape.h>

namespace batchwise {

// Layers called on several arguments get, as in Keras, no mask that merely came with a tensor: only a stated one. The
// lowering notes it where constants of the call lie, as no constant can be a mask.
inline void note_stated_mask(CallForm& form) { form.arguments.set("mask", true); }

inline bool states_mask(const CallForm& form) {
  const Config* noted = form.arguments.find("mask");
  return noted && *noted == Config(true);
}

// A mask has the first axes of what it masks.
inline bool is_mask_of(const Shape& mask, const Shape& value) {
  return mask.rank() <= value.rank() && std::equal(mask.begin(), mask.end(), value.begin());
}

}  // namespace batchwise
