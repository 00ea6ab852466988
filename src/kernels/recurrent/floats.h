// Places of float arrays in one piece of memory, one behind another.
#pragma once

#include <cstdint>

namespace batchwise {

// An array's place: `count` floats at `at`, none when count is 0.
struct Floats {
  int64_t at = 0, count = 0;
  float* in(void* memory) const { return count ? static_cast<float*>(memory) + at : nullptr; }
  const float* in(const void* memory) const { return count ? static_cast<const float*>(memory) + at : nullptr; }
};

class FloatPlaces {
 public:
  Floats take(int64_t count) {
    const Floats place{used_, count};
    used_ += (count + 15) / 16 * 16;  // whole cache lines
    return place;
  }
  int64_t bytes() const { return used_ * static_cast<int64_t>(sizeof(float)); }

 private:
  int64_t used_ = 0;
};

}  // namespace batchwise
