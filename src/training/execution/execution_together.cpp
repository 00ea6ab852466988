// Lanes that share the work of one grain: inference of fewer samples than there are lanes, and batches of one grain.
#include "training/execution/execution_lane.h"

#include <algorithm>

namespace batchwise {
namespace {

// What a kernel takes is told by its work, roughly: nothing that depends on it changes bits.
constexpr double kFlopsPerSecond = 1e11, kBytesPerSecond = 3e10, kFetchedPerSecond = 1e10;
constexpr double kWorthMeeting = 5e-6;   // before and after a kernel
constexpr double kWorthWaking = 100e-6;  // the other lanes, which have gone to sleep between two predictions

// A task's time on one lane; 0: it is not shared.
double seconds_shared(const Program& program, const Outline& outline, const Task& task) {
  if (task.kind == TaskKind::Fetch && program.training()) {
    const double seconds = static_cast<double>(outline.values[static_cast<size_t>(task.op)].bytes) / kFetchedPerSecond;
    return seconds >= kWorthMeeting ? seconds : 0;
  }
  const bool back = task.kind == TaskKind::Backward;
  if (task.kind != TaskKind::Forward && !back) return 0;
  const Kernel& kernel = *program.ops()[static_cast<size_t>(task.op)].kernel;
  if (program.training() ? kernel.shared_backward_parts() == 0 : !kernel.shares()) return 0;
  if (back) {
    // Lane 0 alone waits for turns and fills what nobody gave.
    if (std::count(task.missing.begin(), task.missing.end(), true) > 0) return 0;
    for (const auto& weight : outline.ops[static_cast<size_t>(task.op)].weights)
      if (weight.added) return 0;
  }
  const KernelCost cost = kernel.cost();
  const double seconds = std::max(cost.flops / kFlopsPerSecond, cost.bytes / kBytesPerSecond);
  return seconds >= kWorthMeeting ? seconds : 0;
}

}  // namespace

std::vector<char> Execution::shared_tasks(const Program& program, const Outline& outline, const Timetable& timetable) {
  std::vector<char> shared;
  if (timetable.phases.size() != 1) return shared;
  double all = 0;
  for (const Task& task : timetable.phases[0].tasks) {
    const double seconds = seconds_shared(program, outline, task);
    shared.push_back(seconds > 0);
    if (task.kind != TaskKind::Fetch) all += seconds;  // a lane has memory of its own: not for copying rows alone
  }
  if (all < kWorthWaking) shared.clear();
  return shared;
}

// Tensors lie in the region of lane 0, which does alone what is not shared; scratch lies in each lane's own.
void Execution::run_together(const ExecutionRun& run, Lanes& lanes, int lane) {
  Passage passage(*this, lanes, run.sums);
  const std::vector<Task>& tasks = timetable_.phases[0].tasks;
  for (int64_t grain = 0; grain < grains_; ++grain) {
    if (lane == 0) begin_grain(run, 0, grain, lane);
    else Feed::rows_of(run.batch, grain * program_.grain(), lanes_[static_cast<size_t>(lane)]->rows, valid(grain));
    bool alone = true;  // lane 0 has gone ahead since the last meeting
    for (size_t t = 0; t < tasks.size(); ++t) {
      if (!shared_[t] || (tasks[t].kind == TaskKind::Fetch && !feed_.copies())) {
        if (lane == 0 && !passage.failed()) passage.guarded([&] { perform(run, 0, t, grain, lane); });
        alone = true;
        continue;
      }
      if (alone && !passage.meet()) return passage.end();
      if (!share_task(run, t, grain, passage, {lane, lanes.count()})) return passage.end();
      alone = tasks[t].kind == TaskKind::Backward;
    }
    if (lane == 0 && !passage.failed()) passage.guarded([&] { end_grain(run, 0, grain, lane); });
  }
  passage.end();
}

void Execution::fetch_share(const ExecutionRun& run, const Task& task, const TaskSpots& spots, int64_t grain,
                            Share share) {
  Lane& mine = *lanes_[static_cast<size_t>(share.index)];
  const int64_t begin = share.begin(program_.grain()), rows = share.end(program_.grain()) - begin;
  const int64_t row_bytes = outline_.values[static_cast<size_t>(task.op)].bytes / program_.grain();
  if (rows > 0)
    feed_.input(run.batch, input_of_[static_cast<size_t>(task.op)],
                mine.rows.subspan(static_cast<size_t>(begin), static_cast<size_t>(rows)),
                at(spots.scratch, grain, share.index), at(spots.outputs[0], grain, 0) + begin * row_bytes);
}

// False: leave. All lanes meet at its end.
bool Execution::share_task(const ExecutionRun& run, size_t t, int64_t grain, Passage& passage, Share share) {
  const Task& task = timetable_.phases[0].tasks[t];
  const TaskSpots& spots = placements_.phases[0].tasks[t];
  const int lane = share.index;
  const int64_t begin = timed_ ? WorkClock::now() : 0;
  if (task.kind != TaskKind::Backward) {
    passage.guarded([&] {
      task.kind == TaskKind::Fetch ? fetch_share(run, task, spots, grain, share)
                                   : forward(run, task, spots, grain, lane, share);
    });
    if (!passage.meet()) return false;
  } else {
    const Kernel& kernel = *program_.ops()[static_cast<size_t>(task.op)].kernel;
    BackwardCall call;
    passage.guarded([&] { call = backward_call(run, task, spots, grain, lane, share); });
    for (call.part = 0; call.part < kernel.shared_backward_parts(); ++call.part) {
      passage.guarded([&] { kernel.backward(call); });
      if (!passage.meet()) return false;
    }
    if (lane == 0) passage.guarded([&] { give_gradients(run, task, spots, grain, lane); });
  }
  if (timed_) timed_->clock().add(lane, timed_->of_task(task), begin, 1.0 / share.count);
  return true;
}

}  // namespace batchwise
