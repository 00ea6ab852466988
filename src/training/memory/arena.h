// The one region that training memory comes from: reserved and touched before the first step.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace batchwise {

class Arena {
 public:
  explicit Arena(int64_t bytes);
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // The next `bytes`, aligned to 64 and zeroed. Throws when more is taken than was reserved: planned bytes are used
  // bytes.
  std::byte* take(int64_t bytes);
  float* take_floats(int64_t count) { return reinterpret_cast<float*>(take(count * 4)); }
  int64_t taken() const { return taken_; }
  int64_t bytes() const { return bytes_; }

  // Touches every page taken so far, so that the memory is had before the run starts. Throws BudgetError when it is
  // not.
  void populate();

  // Touches what lies in [from, from + bytes) as far as there is memory: populate() says where there is none. By
  // threads in parallel where the ranges are apart. REQUIRES: taken, and nothing written there yet.
  void touch(std::byte* from, int64_t bytes) const;

  // Gives the pages of [from, end) back to the system, addresses included; they must not be used again.
  void release_from(const std::byte* from);
  // The same for the whole pages inside [from, from + bytes).
  void release(const void* from, int64_t bytes);

 private:
  std::byte* base_ = nullptr;
  void refuse(const char* why) const;

  int64_t bytes_ = 0, mapped_ = 0, writable_ = 0, taken_ = 0, populated_ = 0;
  std::vector<std::pair<int64_t, int64_t>> released_;  // offsets that are not mapped any more
};

}  // namespace batchwise
