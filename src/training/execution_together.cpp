// Lanes that share the work of one grain: inference of fewer samples than there are lanes.
#include "training/execution_lane.h"

#include <algorithm>

namespace batchwise {
namespace {

// What a kernel takes is told by its work, roughly: nothing that depends on it changes bits.
constexpr double kFlopsPerSecond = 1e11, kBytesPerSecond = 3e10;
constexpr double kWorthMeeting = 5e-6;   // before and after a kernel
constexpr double kWorthWaking = 100e-6;  // the other lanes, which have gone to sleep between two predictions

double seconds_shared(const Kernel& kernel) {
  const KernelCost cost = kernel.cost();
  const double seconds = std::max(cost.flops / kFlopsPerSecond, cost.bytes / kBytesPerSecond);
  return kernel.shares() && seconds >= kWorthMeeting ? seconds : 0;
}

}  // namespace

std::vector<char> Execution::shared_tasks(const Program& program, const Timetable& timetable) {
  std::vector<char> shared;
  if (timetable.phases.size() != 1) return shared;
  double all = 0;
  for (const Task& task : timetable.phases[0].tasks) {
    const double seconds =
        task.kind == TaskKind::Forward ? seconds_shared(*program.ops()[static_cast<size_t>(task.op)].kernel) : 0;
    shared.push_back(seconds > 0);
    all += seconds;
  }
  if (all < kWorthWaking) shared.clear();
  return shared;
}

// Tensors lie in the region of lane 0, which does alone what is not shared; scratch lies in each lane's own.
void Execution::run_together(const ExecutionRun& run, Lanes& lanes, int lane) {
  Passage passage(*this, lanes, run.sums);
  const std::vector<Task>& tasks = timetable_.phases[0].tasks;
  for (int64_t grain = 0; grain < grains_; ++grain) {
    if (lane == 0) Feed::rows_of(run.batch, grain * program_.grain(), lanes_[0]->rows, valid(grain));
    bool alone = true;  // lane 0 has gone ahead since the last meeting
    for (size_t t = 0; t < tasks.size(); ++t) {
      if (!shared_[t]) {
        if (lane == 0 && !passage.failed()) passage.guarded([&] { perform(run, 0, t, grain, lane); });
        alone = true;
        continue;
      }
      if (alone && !passage.meet()) return passage.end();
      passage.guarded([&] {
        forward(run, tasks[t], placements_.phases[0].tasks[t], grain, lane, {lane, lanes.count()});
      });
      if (!passage.meet()) return passage.end();
      alone = false;
    }
  }
  passage.end();
}

}  // namespace batchwise
