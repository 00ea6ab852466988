// The sample stream: which row stands at which position of which pass through the data.
#pragma once

#include <cstdint>

#include <batchwise/training.h>

namespace batchwise {

// A pure function of its arguments, in constant memory and from any position on: there is no state to lose.
class Order {
 public:
  // `batch_size` matters to Shuffle::WithinBatches alone, which keeps every batch's members and shuffles only inside
  // it.
  Order(int64_t rows, Shuffle shuffle, uint64_t seed, int64_t batch_size);

  // The row at `position` of pass `pass`: a bijection of [0, rows) for every pass.
  int64_t row(uint64_t pass, int64_t position) const;
  int64_t rows() const { return rows_; }

 private:
  int64_t rows_;
  Shuffle shuffle_;
  uint64_t key_;
  int64_t batch_size_;
};

}  // namespace batchwise
