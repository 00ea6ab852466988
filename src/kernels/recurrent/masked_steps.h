// Which steps of a sequence count, and what the others show.
#pragma once

#include <cstdint>

#include "kernels/recurrent/step_maps.h"

namespace batchwise {

class MaskedSteps {
 public:
  // mask: bytes (sample, step) as the input lies, or null: all count. first: memory of a float for each sample.
  MaskedSteps(const StepLayout& layout, const void* mask, bool zero_masked, float* first)
      : l_(layout), mask_(static_cast<const uint8_t*>(mask)), zero_masked_(zero_masked), first_(first) {
    if (!mask_) return;
    for (int64_t sample = 0; sample < l_.samples; ++sample) {
      int64_t step = 0;
      while (step < l_.steps && !counts(sample, step)) ++step;
      first_[sample] = static_cast<float>(step);
    }
  }
  bool counts(int64_t sample, int64_t step) const { return !mask_ || mask_[sample * l_.steps + l_.input_step(step)]; }
  // A step that does not count shows what the last one that did gave, or zeros.
  bool show_state(int64_t sample, int64_t step) const {
    return counts(sample, step) || (!zero_masked_ && static_cast<float>(step) > first_[sample]);
  }
  const uint8_t* mask_of(int64_t step) const { return mask_ ? mask_ + l_.input_step(step) : nullptr; }

 private:
  const StepLayout& l_;
  const uint8_t* mask_;
  bool zero_masked_;
  float* first_;  // the first step that counts
};

}  // namespace batchwise
