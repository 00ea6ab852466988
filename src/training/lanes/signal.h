// Sleeping until another thread has changed something, without spinning into a busy neighbour.
#pragma once

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>

namespace batchwise {

// Thread-safe. The system's futex instead of std::atomic's wait: that one yields its core before it sleeps, and a core
// that is shared with another process comes back only after that process's time slice.
class Signal {
 public:
  // Returns when `ready()` holds. Looks for a short while (about the time that lanes are apart when all have a core,
  // whatever a core takes for a pause), then sleeps. Every change that can make it true must be followed by announce().
  template <class Ready>
  void wait(const Ready& ready) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(20);
    do {
      for (int look = 0; look < 16; ++look) {
        if (ready()) return;
#if defined(__x86_64__)
        __builtin_ia32_pause();
#endif
      }
    } while (std::chrono::steady_clock::now() < until);
    sleepers_.fetch_add(1);
    for (;;) {
      const uint32_t seen = changes_.load();
      if (ready()) break;
      syscall(SYS_futex, reinterpret_cast<uint32_t*>(&changes_), FUTEX_WAIT_PRIVATE, seen, nullptr, nullptr, 0);
    }
    sleepers_.fetch_sub(1);
  }

  void announce() {
    changes_.fetch_add(1);
    if (sleepers_.load() > 0)
      syscall(SYS_futex, reinterpret_cast<uint32_t*>(&changes_), FUTEX_WAKE_PRIVATE, INT32_MAX, nullptr, nullptr, 0);
  }

 private:
  // Sequentially consistent: a sleeper either sees the change or is seen by the one who announces it.
  std::atomic<uint32_t> changes_{0};
  std::atomic<int> sleepers_{0};
};

}  // namespace batchwise
