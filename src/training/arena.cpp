// The one region that training memory comes from.
#include "training/arena.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include <batchwise/byte_size.h>
#include <batchwise/error.h>

#include "plan/placement.h"

namespace batchwise {

Arena::Arena(int64_t bytes) : bytes_(bytes) {
  const int64_t page = sysconf(_SC_PAGESIZE);
  mapped_ = (std::max<int64_t>(bytes, 1) + page - 1) / page * page;
  void* at = mmap(nullptr, static_cast<size_t>(mapped_), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (at == MAP_FAILED)
    throw BudgetError(error_detail::sentence("arena", "the system must be able to give ", show_byte_size(bytes), ". Got: ", std::strerror(errno), ". Give a smaller --memory."), bytes, 0);
  base_ = static_cast<std::byte*>(at);
#ifdef MADV_HUGEPAGE
  // All of it will be touched, so large pages take no more memory; where the system has none, small ones do.
  madvise(at, static_cast<size_t>(mapped_), MADV_HUGEPAGE);
#endif
}

void Arena::populate() {
  const int64_t page = sysconf(_SC_PAGESIZE);
  const int64_t end = (taken_ + page - 1) / page * page;
  if (end <= populated_) return;
  std::byte* from = base_ + populated_;
#ifdef MADV_POPULATE_WRITE
  const bool populated = madvise(from, static_cast<size_t>(end - populated_), MADV_POPULATE_WRITE) == 0;
  if (!populated && errno == ENOMEM)
    throw BudgetError(error_detail::sentence("arena", "the system must be able to give ", show_byte_size(bytes_), ". Got: no memory. Give a smaller --memory."), bytes_, 0);
#else
  const bool populated = false;
#endif
  if (!populated)
    for (int64_t offset = 0; offset < end - populated_; offset += page) *reinterpret_cast<volatile char*>(from + offset) = 0;
  populated_ = end;
}

Arena::~Arena() {
  if (base_) munmap(base_, static_cast<size_t>(mapped_));
}

std::byte* Arena::take(int64_t bytes) {
  std::byte* at = base_ + taken_;
  taken_ += aligned(bytes);
  if (taken_ > bytes_) throw std::logic_error("the plan reserved " + std::to_string(bytes_) + " bytes but " + std::to_string(taken_) + " are used");
  return at;
}

void Arena::release_from(const std::byte* from) {
  const int64_t page = sysconf(_SC_PAGESIZE);
  const int64_t offset = (from - base_ + page - 1) / page * page;
  if (offset < mapped_) madvise(base_ + offset, static_cast<size_t>(mapped_ - offset), MADV_DONTNEED);
}

}  // namespace batchwise
