// What lanes spend their time on: seconds, calls and amounts of every kind of work, and the last calls one by one.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

namespace batchwise {

// Each lane writes its own; reading is for when lanes rest. Allocates when it is made, never later.
class WorkClock {
 public:
  struct Total {
    int64_t calls = 0, nanoseconds = 0;
    double amount = 0;  // as the calls stated it
  };
  struct Call {
    int kind = 0;
    int64_t begin = 0, end = 0;  // nanoseconds of now()
  };

  WorkClock(int lanes, size_t kinds);
  static int64_t bytes(int lanes, size_t kinds);
  static constexpr int64_t kCalls = int64_t{1} << 14;  // that are kept one by one, of a lane
  static constexpr size_t kWait = 0;                   // the kind of what lies between a lane's calls in a step
  static int64_t now() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
  }

  // Work that began at `begin` and ends now. What add_within counted meanwhile is not counted again.
  void add(int lane, size_t kind, int64_t begin, double amount = 1);
  void add_within(int lane, size_t kind, int64_t begin, double amount = 1);
  // While lanes rest: one call, which all of them waited for.
  void add_to_all(size_t kind, int64_t begin);
  // Around a step, while lanes rest.
  void begin_step();
  void end_step();
  void clear();

  Total total(size_t kind) const;           // of all lanes
  std::vector<Call> calls(int lane) const;  // the last, in order

 private:
  struct alignas(64) Lane {
    std::vector<Total> totals;
    std::vector<Call> calls;  // a ring
    uint64_t count = 0;
    int64_t within = 0;      // nanoseconds counted by add_within since the last add
    int64_t idle = kNoStep;  // since when it waits
  };
  static constexpr int64_t kNoStep = -1;
  static void keep(Lane& lane, size_t kind, int64_t begin, int64_t end);
  static void count(Lane& lane, size_t kind, int64_t begin, int64_t end, int64_t spent, double amount);
  static void end_wait(Lane& lane, int64_t end);

  std::vector<Lane> lanes_;
};

}  // namespace batchwise
