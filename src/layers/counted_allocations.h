// Test support: counts allocations of this thread. To be included by one file of a test program.
#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdint>

namespace batchwise {

struct AllocationCount {
  static inline thread_local bool counting = false;
  static inline thread_local int64_t seen = 0;
};

}  // namespace batchwise

// The sanitizers bring an allocator of their own.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define BATCHWISE_COUNTS_ALLOCATIONS 1

extern "C" {
void* __libc_malloc(size_t);
void* __libc_calloc(size_t, size_t);
void* __libc_realloc(void*, size_t);
void* __libc_memalign(size_t, size_t);

void* malloc(size_t size) {
  batchwise::AllocationCount::seen += batchwise::AllocationCount::counting;
  return __libc_malloc(size);
}
void* calloc(size_t count, size_t size) {
  batchwise::AllocationCount::seen += batchwise::AllocationCount::counting;
  return __libc_calloc(count, size);
}
void* realloc(void* old, size_t size) {
  batchwise::AllocationCount::seen += batchwise::AllocationCount::counting;
  return __libc_realloc(old, size);
}
void* memalign(size_t alignment, size_t size) {
  batchwise::AllocationCount::seen += batchwise::AllocationCount::counting;
  return __libc_memalign(alignment, size);
}
void* aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }
int posix_memalign(void** result, size_t alignment, size_t size) {
  *result = memalign(alignment, size);
  return *result ? 0 : ENOMEM;
}
}
#endif
