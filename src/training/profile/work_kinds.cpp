// The kinds of work of a training step, by layer.
#include "training/profile/work_kinds.h"

#include <algorithm>
#include <numeric>

#include "training/profile/machine_rates.h"

namespace batchwise {
namespace {

constexpr const char* kNamesOfAll[] = {"wait for lanes", "wait for data",      "validation",
                                       "checkpoint",     "combine statistics", "update"};
constexpr const char* kNames[] = {"forward", "again", "measure", "loss", "measure back", "backward", "sum"};

// Backward makes the gradients of weights and those of inputs, each of which is as much work as forward.
double backward_share(const Outline& outline, const OutlineOp& op) {
  if (op.weights.empty()) return 1;
  const bool learns = std::any_of(op.weights.begin(), op.weights.end(),
                                  [](const OutlineWeight& weight) { return weight.gradient_bytes > 0; });
  const bool passes_on = std::any_of(op.inputs.begin(), op.inputs.end(),
                                     [&](int input) { return outline.values[static_cast<size_t>(input)].gradient; });
  return (learns ? 1 : 0) + (passes_on ? 1 : 0);
}

double bytes_of(const Outline& outline, const std::vector<int>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0, [&](double bytes, int value) {
    return bytes + static_cast<double>(outline.values[static_cast<size_t>(value)].bytes);
  });
}

// What is read, and the statistics that are written.
double measured_bytes(const Outline& outline, const OutlineOp& op) {
  const double targets = op.loss && op.measured.empty() ? static_cast<double>(2 * op.target_bytes) : 0;
  return bytes_of(outline, values_read(op, TaskKind::MeasureForward)) + targets +
         static_cast<double>(8 * op.statistics.forward);
}

double measured_back_bytes(const Outline& outline, const OutlineOp& op) {
  return bytes_of(outline, op.outputs) + (op.needs.backward_inputs ? bytes_of(outline, op.inputs) : 0) +
         (op.needs.backward_outputs ? bytes_of(outline, op.outputs) : 0) +
         static_cast<double>(8 * op.statistics.backward);
}

// Targets are fetched, which writes them, and read.
double loss_bytes(const Outline& outline, const OutlineOp& op) {
  const double gradient = op.gradient_of < 0 ? 0 : bytes_of(outline, {op.gradient_of});
  return bytes_of(outline, op.inputs) + static_cast<double>(2 * op.target_bytes) + gradient;
}

}  // namespace

size_t row_in(Profile& profile, const std::string& layer, const std::string& work) {
  const auto at = std::find_if(profile.rows.begin(), profile.rows.end(),
                               [&](const ProfileRow& row) { return row.layer == layer && row.work == work; });
  if (at != profile.rows.end()) return static_cast<size_t>(at - profile.rows.begin());
  profile.rows.push_back(ProfileRow{.layer = layer, .work = work});
  return profile.rows.size() - 1;
}

WorkKinds::WorkKinds(const Outline& outline, int lanes)
    : outline_(outline), lanes_(lanes), clock_(lanes, count(outline)) {}

int64_t WorkKinds::bytes(const Outline& outline, int lanes) {
  // What becomes of it: a lane's calls in order, and the profile's.
  const int64_t at_the_end = WorkClock::kCalls * static_cast<int64_t>(sizeof(WorkClock::Call) +
                                                                      static_cast<size_t>(lanes) * sizeof(ProfileCall));
  return WorkClock::bytes(lanes, count(outline)) + std::max(rates_bytes(lanes), at_the_end);
}

size_t WorkKinds::of_task(const Task& task) const {
  if (task.kind == TaskKind::Fetch) return kFirstFetch + static_cast<size_t>(task.op);  // a value
  const size_t first = first_of(task.op);
  switch (task.kind) {
    case TaskKind::Fetch: break;
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
  if (kind < kFirstFetch) {
    row.work = kNamesOfAll[kind];
    row.bytes = kind == kCombine || kind == kUpdate ? 1 : 0;
    return row;
  }
  if (kind < first_of(0)) {
    const OutlineValue& value = outline_.values[kind - kFirstFetch];
    row.layer = value.name;
    row.work = "fetch";
    row.bytes = static_cast<double>(value.bytes);
    return row;
  }
  const size_t place = (kind - first_of(0)) / kWorks, work = (kind - first_of(0)) % kWorks;
  row.work = kNames[work];
  const OutlineOp& op = outline_.ops[place];
  row.layer = op.name;
  const bool measures = op.statistics.forward_first, measures_back = op.statistics.backward > 0;
  switch (static_cast<Work>(work)) {
    // A kernel's cost is that of all it does on the way forward, measuring included.
    case kForward:
    case kAgain:
      row.flops = op.cost.flops;
      row.bytes = op.cost.bytes - (measures ? bytes_of(outline_, op.inputs) : 0);
      break;
    case kBackward: {
      const double times = backward_share(outline_, op);
      row.flops = times * op.cost.flops;
      row.bytes = times * op.cost.bytes - (measures_back ? measured_back_bytes(outline_, op) : 0);
      break;
    }
    case kMeasure: row.bytes = measured_bytes(outline_, op); break;
    case kMeasureBackward: row.bytes = measured_back_bytes(outline_, op); break;
    case kLoss: row.bytes = loss_bytes(outline_, op); break;
    case kSum: row.bytes = 1; break;
    case kWorks: break;
  }
  row.bytes = std::max(0.0, row.bytes);
  return row;
}

void WorkKinds::add_to(Profile& profile, int64_t origin) const {
  std::vector<int> rows(count(outline_), -1);
  for (size_t kind = 0; kind < rows.size(); ++kind) {
    const WorkClock::Total total = clock_.total(kind);
    if (total.calls == 0 && total.nanoseconds == 0) continue;
    const ProfileRow one = row_of(kind);
    rows[kind] = static_cast<int>(row_in(profile, one.layer, one.work));
    ProfileRow& row = profile.rows[static_cast<size_t>(rows[kind])];
    row.calls += total.calls;
    row.seconds += 1e-9 * static_cast<double>(total.nanoseconds) / lanes_;
    row.flops += total.amount * one.flops;
    row.bytes += total.amount * one.bytes;
    if (profile.rates.flops == 0) continue;
    const double least = std::max(one.flops / profile.rates.flops, one.bytes / profile.rates.bytes);
    row.floor_seconds += total.amount / lanes_ * least;
  }
  profile.calls.clear();  // of a session before: rows that it had not are gone
  profile.calls.reserve(static_cast<size_t>(lanes_ * WorkClock::kCalls));
  for (int lane = 0; lane < lanes_; ++lane)
    for (const WorkClock::Call& call : clock_.calls(lane))
      profile.calls.push_back({rows[static_cast<size_t>(call.kind)], lane,
                               1e-9 * static_cast<double>(call.begin - origin),
                               1e-9 * static_cast<double>(call.end - call.begin)});
}

}  // namespace batchwise
