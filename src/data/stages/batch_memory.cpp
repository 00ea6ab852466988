// Buffers that come back when the last array on them is gone.
#include "data/stages/batch_memory.h"

#include <algorithm>
#include <iterator>
#include <new>

namespace batchwise {

Array BatchMemory::floats(const Shape& shape) {
  const int64_t count = std::max<int64_t>(1, shape.count());
  Buffer buffer;
  {
    const std::lock_guard lock(idle_->mutex);
    auto& idle = idle_->buffers;
    // What came back last is still in the caches.
    const auto fits = std::find_if(idle.rbegin(), idle.rend(), [&](const auto& free) { return free.first == count; });
    if (fits != idle.rend()) {
      buffer = std::move(fits->second);
      idle.erase(std::next(fits).base());
    }
  }
  if (!buffer) buffer.reset(new float[static_cast<size_t>(count)]);
  const auto give_back = [count, weak = std::weak_ptr<Idle>(idle_)](float* memory) {
    Buffer returned(memory);
    if (const auto idle = weak.lock()) {
      const std::lock_guard lock(idle->mutex);
      try {
        idle->buffers.emplace_back(count, std::move(returned));
      } catch (const std::bad_alloc&) {}  // nobody could catch it here: the buffer is freed instead
    }
  };
  std::shared_ptr<float> owner(buffer.release(), give_back);
  Array array = Array::view(owner.get(), shape);
  array.keep(std::move(owner));
  return array;
}

}  // namespace batchwise
