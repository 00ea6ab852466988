// The kinds of work of a training step, by layer.
#include "training/work_kinds.h"

#include <algorithm>

namespace batchwise {
namespace {

constexpr const char* kNames[] = {"fetch", "forward", "again", "measure", "loss", "measure back", "backward", "sum"};

size_t places(const Outline& outline) { return std::max(outline.ops.size(), outline.values.size()); }

// Backward makes the gradients of weights and those of inputs, each of which is as much work as forward.
double backward_share(const Outline& outline, const OutlineOp& op) {
  if (op.weights.empty()) return 1;
  const bool learns = std::any_of(op.weights.begin(), op.weights.end(),
                                  [](const OutlineWeight& weight) { return weight.gradient_bytes > 0; });
  const bool passes_on = std::any_of(op.inputs.begin(), op.inputs.end(),
                                     [&](int input) { return outline.values[static_cast<size_t>(input)].gradient; });
  return (learns ? 1 : 0) + (passes_on ? 1 : 0);
}

}  // namespace

WorkKinds::WorkKinds(const Outline& outline, int lanes)
    : outline_(outline), ops_(places(outline)), lanes_(lanes), clock_(lanes, kBeforeOps + ops_ * kWorks) {}

int64_t WorkKinds::bytes(const Outline& outline, int lanes) {
  return WorkClock::bytes(lanes, kBeforeOps + places(outline) * kWorks);
}

size_t WorkKinds::of_task(const Task& task) const {
  const size_t first = first_of(task.op);
  switch (task.kind) {
    case TaskKind::Fetch: return first + kFetch;
    case TaskKind::Forward: return first + (task.again ? kAgain : kForward);
    case TaskKind::MeasureForward: return first + kMeasure;
    case TaskKind::Loss: return first + kLoss;
    case TaskKind::MeasureBackward: return first + kMeasureBackward;
    case TaskKind::Backward: return first + kBackward;
  }
  return first;
}

ProfileRow WorkKinds::row_of(size_t kind) const {
  ProfileRow row;
  if (kind < kBeforeOps) {
    row.work = kind == kCombine ? "combine statistics" : "update";
    return row;
  }
  const size_t place = (kind - kBeforeOps) / kWorks, work = (kind - kBeforeOps) % kWorks;
  row.work = kNames[work];
  if (work == kFetch) {
    row.layer = outline_.values[place].name;
    row.bytes = static_cast<double>(outline_.values[place].bytes);
    return row;
  }
  const OutlineOp& op = outline_.ops[place];
  row.layer = op.name;
  if (work == kForward || work == kAgain || work == kBackward) {
    const double times = work == kBackward ? backward_share(outline_, op) : 1;
    row.flops = times * op.cost.flops;
    row.bytes = times * op.cost.bytes;
  }
  return row;
}

void WorkKinds::add_to(Profile& profile, int64_t origin) const {
  std::vector<int> rows(kBeforeOps + ops_ * kWorks, -1);
  for (size_t kind = 0; kind < rows.size(); ++kind) {
    const WorkClock::Total total = clock_.total(kind);
    if (total.calls == 0) continue;
    ProfileRow row = row_of(kind);
    auto at = std::find_if(profile.rows.begin(), profile.rows.end(),
                           [&](const ProfileRow& other) { return other.layer == row.layer && other.work == row.work; });
    if (at == profile.rows.end()) at = profile.rows.insert(at, ProfileRow{.layer = row.layer, .work = row.work});
    rows[kind] = static_cast<int>(at - profile.rows.begin());
    const double calls = static_cast<double>(total.calls);
    at->calls += total.calls;
    at->seconds += 1e-9 * static_cast<double>(total.nanoseconds) / lanes_;
    at->flops += calls * row.flops;
    at->bytes += calls * row.bytes;
    if (profile.rates.flops > 0)
      at->floor_seconds = std::min(
          at->seconds, at->floor_seconds +
                           calls / lanes_ * std::max(row.flops / profile.rates.flops, row.bytes / profile.rates.bytes));
  }
  profile.calls.clear();  // of a session before: rows that it had not are gone
  for (int lane = 0; lane < lanes_; ++lane)
    for (const WorkClock::Call& call : clock_.calls(lane))
      profile.calls.push_back({rows[static_cast<size_t>(call.kind)], lane,
                               1e-9 * static_cast<double>(call.begin - origin),
                               1e-9 * static_cast<double>(call.end - call.begin)});
}

}  // namespace batchwise
