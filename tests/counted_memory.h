// Test support: counts what all threads ask the system or the allocator for. To be included by one file of a test
// program.
#pragma once

#include <dlfcn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string>

namespace batchwise {

// One way to get memory, and how often it was used while counting.
struct MemoryCall {
  enum Kind { Malloc, Calloc, Realloc, Aligned, Map, Kinds };
  static inline std::atomic<bool> counting{false};
  static inline std::atomic<int64_t> seen[Kinds] = {};
  static inline std::atomic<int64_t> largest{0};

  static void note(Kind kind, size_t size) {
    if (!counting.load(std::memory_order_relaxed)) return;
    seen[kind].fetch_add(1, std::memory_order_relaxed);
    if (static_cast<int64_t>(size) > largest.load(std::memory_order_relaxed))
      largest.store(static_cast<int64_t>(size), std::memory_order_relaxed);
  }
};

// Counts while it lives. One at a time.
class CountedMemory {
 public:
  CountedMemory() { begin(); }
  ~CountedMemory() { MemoryCall::counting = false; }
  CountedMemory(const CountedMemory&) = delete;
  void begin() {
    for (auto& seen : MemoryCall::seen) seen = 0;
    MemoryCall::largest = 0;
    MemoryCall::counting = true;
  }
  // "" when nothing was asked for. Stops counting until the next begin.
  std::string text() const {
    MemoryCall::counting = false;
    static constexpr const char* kNames[] = {"malloc", "calloc", "realloc", "aligned_alloc", "mmap"};
    std::string text;
    for (int kind = 0; kind < MemoryCall::Kinds; ++kind)
      if (const int64_t count = MemoryCall::seen[kind]) text += std::to_string(count) + " " + kNames[kind] + " ";
    if (!text.empty()) text += "(the largest of " + std::to_string(MemoryCall::largest.load()) + " bytes)";
    return text;
  }
};

}  // namespace batchwise

// The sanitizers bring an allocator of their own. operator new calls malloc.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define BATCHWISE_COUNTS_MEMORY 1

extern "C" {
void* __libc_malloc(size_t);
void* __libc_calloc(size_t, size_t);
void* __libc_realloc(void*, size_t);
void* __libc_memalign(size_t, size_t);

void* malloc(size_t size) {
  batchwise::MemoryCall::note(batchwise::MemoryCall::Malloc, size);
  return __libc_malloc(size);
}
void* calloc(size_t count, size_t size) {
  batchwise::MemoryCall::note(batchwise::MemoryCall::Calloc, count * size);
  return __libc_calloc(count, size);
}
void* realloc(void* old, size_t size) {
  batchwise::MemoryCall::note(batchwise::MemoryCall::Realloc, size);
  return __libc_realloc(old, size);
}
void* memalign(size_t alignment, size_t size) {
  batchwise::MemoryCall::note(batchwise::MemoryCall::Aligned, size);
  return __libc_memalign(alignment, size);
}
void* aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }
int posix_memalign(void** result, size_t alignment, size_t size) {
  *result = memalign(alignment, size);
  return *result ? 0 : ENOMEM;
}
void* mmap(void* at, size_t length, int protection, int flags, int file, off_t offset) noexcept {
  batchwise::MemoryCall::note(batchwise::MemoryCall::Map, length);
  return reinterpret_cast<void*>(::syscall(SYS_mmap, at, length, protection, flags, file, offset));
}
}
#endif
