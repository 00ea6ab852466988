// The counter of allocations behind kernel trials.
#include "kernels/kernel_trial.h"

#include <atomic>
#include <cstdlib>
#include <new>

namespace {
std::atomic<int64_t> counted{0};
void* take(std::size_t size, std::size_t alignment) {
  counted.fetch_add(1, std::memory_order_relaxed);
  void* memory = std::aligned_alloc(alignment, (size + alignment) / alignment * alignment);
  if (!memory) throw std::bad_alloc();
  return memory;
}
}  // namespace

void* operator new(std::size_t size) { return take(size, alignof(std::max_align_t)); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return take(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

namespace batchwise::trial {

int64_t allocations() { return counted.load(std::memory_order_relaxed); }

TEST(KernelTrial, CountsAllocations) {
  const int64_t before = allocations();
  const std::vector<int> memory(3);
  EXPECT_EQ(allocations(), before + 1);
}

}  // namespace batchwise::trial
