// The sample stream as permutations addressed by seed, pass and position.
#include "data/order.h"

#include <algorithm>

#include "base/random.h"

namespace batchwise {

Order::Order(int64_t rows, Shuffle shuffle, uint64_t seed, int64_t batch_size)
    : rows_(rows), shuffle_(shuffle), key_(random_key(seed, "shuffle")), batch_size_(batch_size) {
  require(rows >= 1, "data", "the data must have at least one sample. Got none.");
  require(batch_size >= 1, "data", "the batch size must be at least 1. Got ", batch_size, ".");
}

int64_t Order::row(uint64_t pass, int64_t position) const {
  if (shuffle_ == Shuffle::No) return position;
  const uint64_t key = mix(key_, pass);
  if (shuffle_ == Shuffle::Yes)
    return static_cast<int64_t>(Permutation(static_cast<uint64_t>(rows_), key)(static_cast<uint64_t>(position)));
  const int64_t batch = position / batch_size_, first = batch * batch_size_;
  const Permutation inside(static_cast<uint64_t>(std::min(batch_size_, rows_ - first)),
                           mix(key, static_cast<uint64_t>(batch)));
  return first + static_cast<int64_t>(inside(static_cast<uint64_t>(position - first)));
}

}  // namespace batchwise
