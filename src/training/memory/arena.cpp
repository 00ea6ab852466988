// The one region that training memory comes from.
#include "training/memory/arena.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <batchwise/byte_size.h>
#include <batchwise/error.h>

#include "plan/placement.h"

namespace batchwise {

namespace {

int64_t page_bytes() {
  static const int64_t page = sysconf(_SC_PAGESIZE);
  return page;
}

int64_t whole_pages(int64_t bytes) { return (bytes + page_bytes() - 1) / page_bytes() * page_bytes(); }

// False, and errno says why, where the memory was not had or the system knows no such call.
bool populate_at_once(std::byte* from, int64_t bytes) {
#ifdef MADV_POPULATE_WRITE
  return madvise(from, static_cast<size_t>(bytes), MADV_POPULATE_WRITE) == 0;
#else
  errno = ENOSYS;
  return false;
#endif
}

}  // namespace

void Arena::refuse(const char* why) const {
  throw BudgetError(error_detail::sentence("arena", "the system must be able to give ", show_byte_size(bytes_),
                                           ". Got: ", why, ". Give a smaller --memory."),
                    bytes_, 0);
}

// Addresses alone: what is not yet taken counts for no limit on data.
Arena::Arena(int64_t bytes) : bytes_(bytes), mapped_(whole_pages(std::max<int64_t>(bytes, 1))) {
  void* at = mmap(nullptr, static_cast<size_t>(mapped_), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (at == MAP_FAILED) refuse(std::strerror(errno));
  base_ = static_cast<std::byte*>(at);
#ifdef MADV_HUGEPAGE
  // All of it will be touched, so large pages take no more memory; where the system has none, small ones do.
  madvise(at, static_cast<size_t>(mapped_), MADV_HUGEPAGE);
#endif
}

std::byte* Arena::take(int64_t bytes) {
  std::byte* at = base_ + taken_;
  const int64_t end = taken_ + aligned(bytes);
  if (end > bytes_)
    throw std::logic_error("the plan reserved " + std::to_string(bytes_) + " bytes but " + std::to_string(end) +
                           " are used");
  if (const int64_t pages = whole_pages(end); pages > writable_) {
    if (mprotect(base_ + writable_, static_cast<size_t>(pages - writable_), PROT_READ | PROT_WRITE) != 0)
      refuse(std::strerror(errno));
    writable_ = pages;
  }
  taken_ = end;
  return at;
}

void Arena::populate() {
  const int64_t end = whole_pages(taken_);
  if (end <= populated_) return;
  std::byte* from = base_ + populated_;
  const bool populated = populate_at_once(from, end - populated_);
  if (!populated && errno == ENOMEM) refuse("no memory");
  if (!populated)
    for (int64_t offset = 0; offset < end - populated_; offset += page_bytes())
      *reinterpret_cast<volatile char*>(from + offset) = 0;
  populated_ = end;
}

void Arena::touch(std::byte* from, int64_t bytes) const {
  const int64_t begin = whole_pages(from - base_), end = (from - base_ + bytes) / page_bytes() * page_bytes();
  if (begin < end) populate_at_once(base_ + begin, end - begin);
}

void Arena::release_from(const std::byte* from) {
  const int64_t offset = whole_pages(from - base_);
  if (offset >= mapped_ || munmap(base_ + offset, static_cast<size_t>(mapped_ - offset)) != 0) return;
  mapped_ = offset;
}

void Arena::release(const void* from, int64_t bytes) {
  const int64_t at = static_cast<const std::byte*>(from) - base_;
  const int64_t begin = whole_pages(at), end = (at + bytes) / page_bytes() * page_bytes();
  if (begin >= end) return;
  released_.emplace_back(begin, end);
  if (munmap(base_ + begin, static_cast<size_t>(end - begin)) != 0) released_.pop_back();
}

// What was released may be somebody else's by now.
Arena::~Arena() {
  std::sort(released_.begin(), released_.end());
  int64_t begin = 0;
  const auto unmap = [&](int64_t end) {
    if (begin < end) munmap(base_ + begin, static_cast<size_t>(end - begin));
  };
  for (const auto& [first, last] : released_) {
    unmap(first);
    begin = last;
  }
  unmap(mapped_);
}

}  // namespace batchwise
