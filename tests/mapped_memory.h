// Test support: remembers what was mapped. To be included by one file of a test program.
#pragma once

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <vector>

namespace batchwise {

struct MappedMemory {
  static constexpr int kMost = 1024;
  static inline std::atomic<bool> watching{false};
  static inline std::atomic<int> count{0};
  static inline std::atomic<int64_t> bytes[kMost] = {};

  static void note(size_t length) {
    if (!watching.load(std::memory_order_relaxed)) return;
    if (const int at = count.fetch_add(1); at < kMost) bytes[at] = static_cast<int64_t>(length);
  }
  static void begin() {
    count = 0;
    watching = true;
  }
  // The sizes of all mappings made since.
  static std::vector<int64_t> end() {
    watching = false;
    return {bytes, bytes + std::min(count.load(), kMost)};
  }
};

}  // namespace batchwise

extern "C" void* mmap(void* at, size_t length, int protection, int flags, int file, off_t offset) noexcept {
  batchwise::MappedMemory::note(length);
  return reinterpret_cast<void*>(::syscall(SYS_mmap, at, length, protection, flags, file, offset));
}
