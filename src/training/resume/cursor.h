// The position in the sample stream: what a resume starts from.
#pragma once

#include <algorithm>
#include <cstdint>

namespace batchwise {

struct Cursor {
  int64_t epoch = 0;
  int64_t step = 0;      // of the epoch
  uint64_t pass = 0;     // which time through the data: addresses the shuffle
  int64_t position = 0;  // samples of the pass already used
  uint64_t samples = 0;  // trained on since the beginning of the run: addresses dropout
  int64_t updates = 0;   // since the beginning of the run

  // Moves on after a batch.
  void advance(int64_t count) {
    position += count;
    samples += static_cast<uint64_t>(count);
    ++step;
    ++updates;
  }
};

}  // namespace batchwise
