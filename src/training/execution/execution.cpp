// Runs a program's timetable over the grains of a batch on all lanes.
#include "training/execution/execution_lane.h"

#include <algorithm>

#include "plan/placement.h"

namespace batchwise {
namespace {

// Where statistics lie: those measured in one phase side by side, phases on top of each other; those written by forward
// itself and those of losses after them, for the whole step. Offsets in doubles per grain; first comes one double per
// grain for added losses, then the squares of its gradients.
struct StatisticsLayout {
  std::vector<int64_t> forward, backward;
  int64_t doubles = 0;
};

StatisticsLayout lay_out_statistics(const Outline& outline, const Timetable& timetable, const NoiseSlots& noise) {
  const int64_t first = 1 + static_cast<int64_t>(noise.names.size());
  StatisticsLayout layout{std::vector<int64_t>(outline.ops.size(), 0), std::vector<int64_t>(outline.ops.size(), 0),
                          first};
  int64_t most = 0;
  for (const Phase& phase : timetable.phases) {
    int64_t here = 0;
    for (int op : phase.combine_forward) {
      if (outline.ops[static_cast<size_t>(op)].loss) continue;
      layout.forward[static_cast<size_t>(op)] = first + here;
      here += outline.ops[static_cast<size_t>(op)].statistics.forward;
    }
    for (int op : phase.combine_backward) {
      layout.backward[static_cast<size_t>(op)] = first + here;
      here += outline.ops[static_cast<size_t>(op)].statistics.backward;
    }
    most = std::max(most, here);
  }
  layout.doubles += most;
  for (size_t op = 0; op < outline.ops.size(); ++op)
    if (const Statistics& about = outline.ops[op].statistics;
        about.forward > 0 && (!about.forward_first || outline.ops[op].loss)) {
      layout.forward[op] = layout.doubles;
      layout.doubles += about.forward;
    }
  return layout;
}

}  // namespace

Execution::Execution(const Program& program, size_t program_index, const Outline& outline, const Timetable& timetable,
                     const Placements& placements, const VariableStore& variables,
                     const std::vector<std::vector<int>>& runs, const NoiseSlots& noise, const Objectives* objectives,
                     const Feed& feed, const std::vector<OutputTask>& outputs)
    : program_(program),
      program_index_(program_index),
      outline_(outline),
      timetable_(timetable),
      placements_(placements),
      variables_(variables),
      runs_(runs),
      noise_(noise),
      objectives_(objectives),
      feed_(feed),
      outputs_(outputs) {
  int64_t offset = 0;
  for (const OutlineOp& op : outline.ops) {
    shared_at_.push_back(offset);
    offset += aligned(op.memory.shared);
  }
  StatisticsLayout statistics = lay_out_statistics(outline, timetable, noise);
  forward_at_ = std::move(statistics.forward);
  backward_at_ = std::move(statistics.backward);
  statistics_doubles_ = statistics.doubles;
  int output = 0;
  for (const OutlineOp& op : outline.ops) output_of_.push_back(op.loss ? output++ : -1);
  input_of_.assign(outline.values.size(), -1);
  for (size_t i = 0; i < program.inputs().size(); ++i)
    input_of_[static_cast<size_t>(program.inputs()[i])] = static_cast<int>(i);
  ends_.assign(program.inputs().size(), 0);
  for (const OutlineOp& op : outline.ops)
    for (int value : op.inputs)
      if (op.loss && input_of_[static_cast<size_t>(value)] >= 0)
        ends_[static_cast<size_t>(input_of_[static_cast<size_t>(value)])] = 1;
  for (size_t p = 0; p < timetable.phases.size(); ++p)
    for (const Task& task : timetable.phases[p].tasks)
      if (task.kind == TaskKind::Loss) loss_phase_ = p;
  combines_at_end_ =
      !timetable.phases.back().combine_forward.empty() || !timetable.phases.back().combine_backward.empty();
  for (const OutlineOp& op : outline.ops) {
    combines_at_end_ = combines_at_end_ || (op.statistics.forward > 0 && !op.statistics.forward_first);
    moves_learned_ = moves_learned_ || op.statistics.moves_learned;
  }
  committed_.resize(program.ops().size());
  for (size_t op = 0; program.training() && op < program.ops().size(); ++op)
    if (outline.ops[op].statistics.forward > 0)
      for (int v : program.ops()[op].variables) committed_[op].push_back(variables.stored(static_cast<size_t>(v)));
  next_ = std::make_unique<std::atomic<int64_t>[]>(timetable.phases.size());
  shared_ = shared_tasks(program, outline, timetable);
}

Execution::~Execution() = default;

int64_t Execution::lane_fixed_bytes(const Program& program, int64_t doubles) {
  return aligned(program.grain() * 8) + aligned(std::max<int64_t>(1, doubles) * 8);
}

int64_t Execution::shared_bytes(const Outline& outline) {
  int64_t bytes = 0;
  for (const OutlineOp& op : outline.ops) bytes += aligned(op.memory.shared);
  return bytes;
}

int64_t Execution::statistics_bytes(const Outline& outline, const Timetable& timetable, const NoiseSlots& noise,
                                    int64_t grains) {
  return aligned(lay_out_statistics(outline, timetable, noise).doubles * grains * 8);
}

void Execution::read_noise(NoiseTerms& terms) const {
  terms.samples = samples_;
  terms.grains = grains_;
  terms.grain_squares.resize(noise_.names.size());
  for (size_t s = 0; s < noise_.names.size(); ++s) {
    const double* squares = memory_.statistics + static_cast<int64_t>(1 + s) * memory_.grains;
    double sum = 0;
    for (int64_t g = 0; g < grains_; ++g) sum += squares[g] / static_cast<double>(valid(g));
    terms.grain_squares[s] = sum;
  }
}

void Execution::begin(int64_t samples) {
  samples_ = samples;
  grains_ = (samples + program_.grain() - 1) / program_.grain();
  for (size_t p = 0; p < timetable_.phases.size(); ++p) next_[p].store(0, std::memory_order_relaxed);
  failed_before_.store(kNever, std::memory_order_relaxed);
  grain_rows_.resize(static_cast<size_t>(grains_));
  for (int64_t g = 0; g < grains_; ++g) grain_rows_[static_cast<size_t>(g)] = valid(g);
  if (!lanes_.empty()) return;
  grain_rows_.reserve(static_cast<size_t>(memory_.grains));
  std::vector<std::unique_ptr<Lane>> made;
  for (size_t l = 0; l < memory_.lane_fixed.size(); ++l) {
    auto lane = std::make_unique<Lane>();
    lane->rows = {reinterpret_cast<int64_t*>(memory_.lane_fixed[l]), static_cast<size_t>(program_.grain())};
    lane->doubles = reinterpret_cast<double*>(memory_.lane_fixed[l] + aligned(program_.grain() * 8));
    size_t most = 1;
    for (const OutlineOp& op : outline_.ops)
      most = std::max({most, op.inputs.size(), op.outputs.size(), op.weights.size()});
    lane->inputs.resize(most);
    lane->in_place.resize(program_.inputs().size());
    lane->values.resize(most);
    lane->outputs.resize(most);
    lane->output_gradients.resize(most);
    lane->input_gradients.resize(most);
    lane->weight_gradients.resize(most);
    lane->given.resize(most);
    if (objectives_)
      for (const Objective& objective : objectives_->outputs())
        lane->metrics.resize(std::max(lane->metrics.size(), objective.metrics.size()));
    made.push_back(std::move(lane));
  }
  lanes_ = std::move(made);
}

std::byte* Execution::at(Spot spot, int64_t grain, int lane) const {
  if (!spot) return nullptr;
  return spot.kept ? memory_.kept + grain * placements_.kept_bytes + spot.offset
                   : memory_.lane_regions[static_cast<size_t>(lane)] + spot.offset;
}

void Execution::run(const ExecutionRun& run, Lanes& lanes, int lane) {
  // Grains of a training are as large as pays for one lane: several at a time are faster than one after the other.
  const bool few = program_.training() ? grains_ == 1 && lanes.count() > 1 : 2 * grains_ <= lanes.count();
  if (few && !shared_.empty()) return run_together(run, lanes, lane);
  const bool by_grain = !run.sums || run.sums->by_grain();
  const int64_t blocks = std::min(run.blocks, grains_);
  const int64_t units = by_grain ? grains_ : blocks;
  Passage passage(*this, lanes, run.sums);
  for (size_t phase = 0; phase < timetable_.phases.size(); ++phase) {
    passage.guarded([&] {
      for (int64_t unit = next_[phase].fetch_add(1); unit < units && !passage.failed();
           unit = next_[phase].fetch_add(1)) {
        const int64_t first = by_grain ? unit : unit * grains_ / blocks;
        const int64_t end = by_grain ? unit + 1 : (unit + 1) * grains_ / blocks;
        for (int64_t grain = first; grain < end && !passage.failed(); ++grain) run_grain(run, phase, grain, lane);
      }
    });
    // Nothing to combine after the last phase: the end of the run is meeting enough.
    const bool last = phase + 1 == timetable_.phases.size();
    if (last && !combines_at_end_) break;
    if (!passage.meet()) break;
    const Phase& about = timetable_.phases[phase];
    if (about.combine_forward.empty() && about.combine_backward.empty() && !last) continue;
    const int64_t begin = timed_ ? WorkClock::now() : 0;
    int64_t bytes = 0;
    passage.guarded([&] { bytes = combine(phase, lane, lanes.count()); });
    if (timed_) timed_->clock().add(lane, WorkKinds::kCombine, begin, static_cast<double>(bytes));
    if (!passage.meet()) break;
  }
  passage.end();
}

int64_t Execution::combine(size_t phase, int lane, int lanes) {
  const Phase& about = timetable_.phases[phase];
  const std::span<const int64_t> rows(grain_rows_);
  int turn = 0;
  const auto mine = [&] { return turn++ % lanes == lane; };
  int64_t doubles = 0;
  const auto partials = [&](int64_t offset, int64_t count) {
    doubles += count * grains_;
    return std::span<const double>(memory_.statistics + offset * memory_.grains, static_cast<size_t>(count * grains_));
  };
  for (int op : about.combine_forward) {
    if (!mine()) continue;
    if (outline_.ops[static_cast<size_t>(op)].loss) {
      outputs_[static_cast<size_t>(output_of_[static_cast<size_t>(op)])].combine(
          loss_statistics(static_cast<size_t>(op)));
      doubles += outline_.ops[static_cast<size_t>(op)].statistics.forward * grains_;
    } else {
      program_.ops()[static_cast<size_t>(op)].kernel->combine_forward(
          partials(forward_at_[static_cast<size_t>(op)], outline_.ops[static_cast<size_t>(op)].statistics.forward),
          rows, memory_.shared + shared_at_[static_cast<size_t>(op)]);
    }
  }
  for (int op : about.combine_backward)
    if (mine())
      program_.ops()[static_cast<size_t>(op)].kernel->combine_backward(
          partials(backward_at_[static_cast<size_t>(op)], outline_.ops[static_cast<size_t>(op)].statistics.backward),
          rows, memory_.shared + shared_at_[static_cast<size_t>(op)]);
  if (phase + 1 != timetable_.phases.size()) return 8 * doubles;
  for (size_t op = 0; op < outline_.ops.size(); ++op)
    if (const Statistics& statistics = outline_.ops[op].statistics;
        statistics.forward > 0 && !statistics.forward_first && mine())
      program_.ops()[op].kernel->combine_forward(partials(forward_at_[op], statistics.forward), rows,
                                                 memory_.shared + shared_at_[op]);
  return 8 * doubles;
}

void Execution::begin_grain(const ExecutionRun& run, size_t phase, int64_t grain, int lane) {
  Lane& mine = *lanes_[static_cast<size_t>(lane)];
  Feed::rows_of(run.batch, grain * program_.grain(), mine.rows, valid(grain));
  if (phase == 0) {
    memory_.statistics[grain] = 0;
    for (size_t s = 0; s < noise_.names.size(); ++s)
      memory_.statistics[static_cast<int64_t>(1 + s) * memory_.grains + grain] = 0;
  }
  if (phase == loss_phase_ && objectives_) std::fill_n(mine.doubles, objectives_->doubles(), 0.0);
}

void Execution::run_grain(const ExecutionRun& run, size_t phase, int64_t grain, int lane) {
  begin_grain(run, phase, grain, lane);
  const auto& tasks = timetable_.phases[phase].tasks;
  for (size_t t = 0; t < tasks.size(); ++t) perform(run, phase, t, grain, lane);
  end_grain(run, phase, grain, lane);
}

void Execution::end_grain(const ExecutionRun& run, size_t phase, int64_t grain, int lane) {
  if (phase != loss_phase_ || !objectives_ || !run.sums) return;
  const Lane& mine = *lanes_[static_cast<size_t>(lane)];
  mine.doubles[objectives_->added_at()] = memory_.statistics[grain];
  run.sums->give_doubles(grain, mine.doubles);
}

void Execution::perform(const ExecutionRun& run, size_t phase, size_t task, int64_t grain, int lane) {
  const Task& about = timetable_.phases[phase].tasks[task];
  const TaskSpots& spots = placements_.phases[phase].tasks[task];
  const int64_t begin = timed_ ? WorkClock::now() : 0;
  switch (about.kind) {
    case TaskKind::Fetch: fetch(run, about, spots, grain, lane); break;
    case TaskKind::MeasureForward:
      if (outline_.ops[static_cast<size_t>(about.op)].loss) {
        const size_t output = static_cast<size_t>(output_of_[static_cast<size_t>(about.op)]);
        outputs_[output].measure(output_call(run, about, spots, grain, lane));
        break;
      }
      [[fallthrough]];
    case TaskKind::Forward: forward(run, about, spots, grain, lane); break;
    case TaskKind::Loss: loss(run, about, spots, grain, lane); break;
    case TaskKind::MeasureBackward:
    case TaskKind::Backward: backward(run, about, spots, grain, lane); break;
  }
  if (timed_) timed_->clock().add(lane, timed_->of_task(about), begin, amount_of(about, spots));
}

// A view moves nothing where both ends share their memory.
double Execution::amount_of(const Task& task, const TaskSpots& spots) const {
  const bool forward = task.kind == TaskKind::Forward;
  if ((!forward && task.kind != TaskKind::Backward) || outline_.ops[static_cast<size_t>(task.op)].kind != "view")
    return 1;
  const Spot from = forward ? spots.inputs[0] : spots.output_gradients[0];
  const Spot to = forward ? spots.outputs[0] : spots.input_gradients[0];
  return !to || (from.offset == to.offset && from.kept == to.kept) ? 0 : 1;
}

void Execution::commit(int part, int parts) const {
  for (size_t op = 0; op < program_.ops().size(); ++op) {
    const ProgramOp& about = program_.ops()[op];
    if (outline_.ops[op].statistics.forward == 0 || about.variables.empty()) continue;
    // Calls of one layer move its statistics one after another: in order, and by one lane.
    if (about.variables.front() % parts != part) continue;
    about.kernel->commit(memory_.shared + shared_at_[op], committed_[op]);
  }
}

}  // namespace batchwise
