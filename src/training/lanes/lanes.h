// The threads of a session: one per lane, meeting at barriers.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <memory>
#include <thread>
#include <vector>

#include "training/lanes/signal.h"

namespace batchwise {

// A reusable meeting point of all lanes.
class Barrier {
 public:
  explicit Barrier(int lanes) : lanes_(lanes) {}
  void meet() {
    const uint32_t round = round_.load(std::memory_order_acquire);
    if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == lanes_) {
      arrived_.store(0, std::memory_order_relaxed);
      round_.fetch_add(1, std::memory_order_release);
      if (lanes_ > 1) met_.announce();
    } else {
      met_.wait([&] { return round_.load(std::memory_order_acquire) != round; });
    }
  }

 private:
  const int lanes_;
  std::atomic<int> arrived_{0};
  std::atomic<uint32_t> round_{0};
  Signal met_;
};

// Runs one function on all lanes at a time. Lane 0 is the calling thread.
class Lanes {
 public:
  explicit Lanes(int count);
  ~Lanes();
  Lanes(const Lanes&) = delete;

  int count() const { return count_; }
  Barrier& barrier() { return barrier_; }

  // Calls work(lane) on every lane and waits for all. Does not allocate. The first exception, by lane, is rethrown.
  // REQUIRES: when work meets at the barrier, it does so equally often on every lane, whatever is thrown.
  template <class Work>
  void run(const Work& work) {
    set(work);
    start();
  }
  // Calls work(0) and wakes nobody. REQUIRES: work meets nobody.
  template <class Work>
  void run_first(const Work& work) {
    set(work);
    start_first();
  }

 private:
  template <class Work>
  void set(const Work& work) {
    call_ = [](const void* context, int lane) { (*static_cast<const Work*>(context))(lane); };
    context_ = &work;
  }
  void start();
  void start_first();
  void leave();
  void serve(int lane);

  const int count_;
  Barrier barrier_;
  void (*call_)(const void*, int) = nullptr;
  const void* context_ = nullptr;
  std::atomic<uint32_t> round_{0};
  std::atomic<int> pending_{0};
  Signal started_, done_;
  std::atomic<bool> leave_{false};
  std::vector<std::exception_ptr> errors_;
  std::vector<std::thread> threads_;
};

}  // namespace batchwise
