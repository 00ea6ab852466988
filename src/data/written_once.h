// Cells that several threads fill, each of them once, and read as soon as it is there.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace batchwise {

class WrittenOnce {
 public:
  WrittenOnce() = default;
  explicit WrittenOnce(size_t cells) : states_(cells) {}
  static constexpr int64_t kBytesEach = 1;

  // True: what was written is seen by this thread.
  bool there(size_t cell) const { return states_[cell].load(std::memory_order_acquire) == kThere; }

  // Calls `write`, unless the cell was written or another thread is at it; whether it did. A `write` that throws leaves
  // the cell as it was.
  template <class Write>
  bool write(size_t cell, const Write& write) {
    std::atomic<uint8_t>& state = states_[cell];
    uint8_t missing = kMissing;
    if (!state.compare_exchange_strong(missing, kBeingWritten, std::memory_order_acq_rel)) return false;
    try {
      write();
    } catch (...) {
      state.store(kMissing, std::memory_order_release);
      throw;
    }
    state.store(kThere, std::memory_order_release);
    return true;
  }

 private:
  enum : uint8_t { kMissing, kBeingWritten, kThere };
  std::vector<std::atomic<uint8_t>> states_;
};

}  // namespace batchwise
