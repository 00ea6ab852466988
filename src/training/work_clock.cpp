// Seconds and calls of every kind of work.
#include "training/work_clock.h"

#include <algorithm>

namespace batchwise {

WorkClock::WorkClock(int lanes, size_t kinds) : lanes_(static_cast<size_t>(lanes)) {
  for (Lane& lane : lanes_) {
    lane.totals.resize(kinds);
    lane.calls.resize(kCalls);
  }
}

int64_t WorkClock::bytes(int lanes, size_t kinds) {
  return lanes *
         (static_cast<int64_t>(sizeof(Lane) + kinds * sizeof(Total)) + kCalls * static_cast<int64_t>(sizeof(Call)));
}

void WorkClock::count(Lane& lane, size_t kind, int64_t begin, int64_t end, int64_t spent) {
  ++lane.totals[kind].calls;
  lane.totals[kind].nanoseconds += spent;
  lane.calls[lane.count++ % uint64_t{kCalls}] = {static_cast<int>(kind), begin, end};
}

void WorkClock::add(int lane, size_t kind, int64_t begin) {
  Lane& mine = lanes_[static_cast<size_t>(lane)];
  const int64_t end = now();
  count(mine, kind, begin, end, end - begin - mine.within);
  mine.within = 0;
}

void WorkClock::add_within(int lane, size_t kind, int64_t begin) {
  Lane& mine = lanes_[static_cast<size_t>(lane)];
  const int64_t end = now();
  count(mine, kind, begin, end, end - begin);
  mine.within += end - begin;
}

void WorkClock::clear() {
  for (Lane& lane : lanes_) {
    std::fill(lane.totals.begin(), lane.totals.end(), Total{});
    lane.count = 0;
    lane.within = 0;
  }
}

WorkClock::Total WorkClock::total(size_t kind) const {
  Total sum;
  for (const Lane& lane : lanes_) {
    sum.calls += lane.totals[kind].calls;
    sum.nanoseconds += lane.totals[kind].nanoseconds;
  }
  return sum;
}

std::vector<WorkClock::Call> WorkClock::calls(int lane) const {
  const Lane& mine = lanes_[static_cast<size_t>(lane)];
  std::vector<Call> calls(mine.calls.begin(), mine.calls.begin() + static_cast<std::ptrdiff_t>(std::min<uint64_t>(
                                                                       mine.count, uint64_t{kCalls})));
  std::sort(calls.begin(), calls.end(),
            [](const Call& a, const Call& b) { return a.begin != b.begin ? a.begin < b.begin : a.end > b.end; });
  return calls;
}

}  // namespace batchwise
