// TensorFlow's random numbers of a pair of seeds, by number.
#pragma once

#include <cstdint>

#include "base/random.h"

namespace batchwise {

class TensorflowRandom {
 public:
  TensorflowRandom(uint64_t seed, uint64_t second_seed) : seed_(seed), second_seed_(second_seed) {}
  uint32_t at(uint64_t number) const { return philox(seed_, second_seed_, number / 4)[number % 4]; }
  uint32_t next() { return at(number_++); }

 private:
  uint64_t seed_, second_seed_;
  uint64_t number_ = 0;
};

}  // namespace batchwise
