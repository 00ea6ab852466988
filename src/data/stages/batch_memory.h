// Memory of batches, used again when nobody holds the batch any more: fresh memory costs a good part of filling it.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include <batchwise/array.h>

namespace batchwise {

// Thread-safe. Arrays may outlive it.
class BatchMemory {
 public:
  Array floats(const Shape& shape);  // float32; whatever an earlier batch left there

 private:
  using Buffer = std::unique_ptr<float[]>;
  struct Idle {
    std::mutex mutex;
    std::vector<std::pair<int64_t, Buffer>> buffers;  // by their number of elements
  };
  std::shared_ptr<Idle> idle_ = std::make_shared<Idle>();
};

}  // namespace batchwise
