// Seconds, calls and amounts of every kind of work.
#include "training/profile/work_clock.h"

#include <algorithm>

namespace batchwise {
namespace {

constexpr int64_t kShortWait = 1000;  // nanoseconds: what is shorter is counted, but no call of its own

}  // namespace

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

void WorkClock::keep(Lane& lane, size_t kind, int64_t begin, int64_t end) {
  lane.calls[lane.count++ % uint64_t{kCalls}] = {static_cast<int>(kind), begin, end};
}

void WorkClock::count(Lane& lane, size_t kind, int64_t begin, int64_t end, int64_t spent, double amount) {
  Total& total = lane.totals[kind];
  ++total.calls;
  total.nanoseconds += spent;
  total.amount += amount;
  keep(lane, kind, begin, end);
}

void WorkClock::end_wait(Lane& lane, int64_t end) {
  const int64_t spent = end - lane.idle;
  if (spent >= kShortWait) count(lane, kWait, lane.idle, end, spent, 1);
  else lane.totals[kWait].nanoseconds += spent;
}

void WorkClock::add(int lane, size_t kind, int64_t begin, double amount) {
  Lane& mine = lanes_[static_cast<size_t>(lane)];
  const int64_t end = now();
  if (mine.idle != kNoStep) {
    end_wait(mine, begin);
    mine.idle = end;
  }
  count(mine, kind, begin, end, end - begin - mine.within, amount);
  mine.within = 0;
}

void WorkClock::add_within(int lane, size_t kind, int64_t begin, double amount) {
  Lane& mine = lanes_[static_cast<size_t>(lane)];
  const int64_t end = now();
  count(mine, kind, begin, end, end - begin, amount);
  mine.within += end - begin;
}

void WorkClock::add_to_all(size_t kind, int64_t begin) {
  const int64_t end = now();
  for (Lane& lane : lanes_) {
    lane.totals[kind].nanoseconds += end - begin;
    keep(lane, kind, begin, end);
  }
  ++lanes_[0].totals[kind].calls;
}

void WorkClock::begin_step() {
  const int64_t begin = now();
  for (Lane& lane : lanes_) lane.idle = begin;
}

void WorkClock::end_step() {
  const int64_t end = now();
  for (Lane& lane : lanes_) {
    end_wait(lane, end);
    lane.idle = kNoStep;
  }
}

void WorkClock::clear() {
  for (Lane& lane : lanes_) {
    std::fill(lane.totals.begin(), lane.totals.end(), Total{});
    lane.count = 0;
    lane.within = 0;
    lane.idle = kNoStep;
  }
}

WorkClock::Total WorkClock::total(size_t kind) const {
  Total sum;
  for (const Lane& lane : lanes_) {
    sum.calls += lane.totals[kind].calls;
    sum.nanoseconds += lane.totals[kind].nanoseconds;
    sum.amount += lane.totals[kind].amount;
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
