// Runs a program's timetable over the grains of a batch on all lanes.
#include "training/execution.h"

#include <algorithm>
#include <cstring>

#include "kernels/simd/sums.h"
#include "plan/placement.h"

namespace batchwise {
namespace {

// Where statistics lie: those measured in one phase side by side, phases on top of each other; those written by forward
// itself after them, for the whole step. Offsets in doubles per grain; one double per grain for added losses comes
// first.
struct StatisticsLayout {
  std::vector<int64_t> forward, backward;
  int64_t doubles = 1;
};

StatisticsLayout lay_out_statistics(const Outline& outline, const Timetable& timetable) {
  StatisticsLayout layout{std::vector<int64_t>(outline.ops.size(), 0), std::vector<int64_t>(outline.ops.size(), 0), 1};
  int64_t most = 0;
  for (const Phase& phase : timetable.phases) {
    int64_t here = 0;
    for (int op : phase.combine_forward) {
      layout.forward[static_cast<size_t>(op)] = 1 + here;
      here += outline.ops[static_cast<size_t>(op)].statistics.forward;
    }
    for (int op : phase.combine_backward) {
      layout.backward[static_cast<size_t>(op)] = 1 + here;
      here += outline.ops[static_cast<size_t>(op)].statistics.backward;
    }
    most = std::max(most, here);
  }
  layout.doubles += most;
  for (size_t op = 0; op < outline.ops.size(); ++op)
    if (const Statistics& about = outline.ops[op].statistics; about.forward > 0 && !about.forward_first) {
      layout.forward[op] = layout.doubles;
      layout.doubles += about.forward;
    }
  return layout;
}

}  // namespace

// A lane's own lists of pointers, made once.
struct Execution::Lane {
  std::vector<const void*> inputs, values;
  std::vector<void*> outputs, output_gradients, input_gradients;
  std::vector<float*> weight_gradients;
  std::vector<double*> metrics;
  std::span<int64_t> rows;
  double* doubles = nullptr;
  double ignored = 0;
};

Execution::Execution(const Program& program, size_t program_index, const Outline& outline, const Timetable& timetable,
                     const Placements& placements, const VariableStore& variables,
                     const std::vector<std::vector<int>>& runs, const Objectives* objectives, const Feed& feed,
                     const std::vector<OutputTask>& outputs)
    : program_(program),
      program_index_(program_index),
      outline_(outline),
      timetable_(timetable),
      placements_(placements),
      variables_(variables),
      runs_(runs),
      objectives_(objectives),
      feed_(feed),
      outputs_(outputs),
      weight_sums_(outputs.size(), 0) {
  int64_t offset = 0;
  for (const OutlineOp& op : outline.ops) {
    shared_at_.push_back(offset);
    offset += aligned(op.memory.shared);
  }
  StatisticsLayout statistics = lay_out_statistics(outline, timetable);
  forward_at_ = std::move(statistics.forward);
  backward_at_ = std::move(statistics.backward);
  statistics_doubles_ = statistics.doubles;
  int output = 0;
  for (const OutlineOp& op : outline.ops) output_of_.push_back(op.loss ? output++ : -1);
  input_of_.assign(outline.values.size(), -1);
  for (size_t i = 0; i < program.inputs().size(); ++i)
    input_of_[static_cast<size_t>(program.inputs()[i])] = static_cast<int>(i);
  for (size_t p = 0; p < timetable.phases.size(); ++p)
    for (const Task& task : timetable.phases[p].tasks)
      if (task.kind == TaskKind::Loss) loss_phase_ = p;
  combines_at_end_ =
      !timetable.phases.back().combine_forward.empty() || !timetable.phases.back().combine_backward.empty();
  for (const OutlineOp& op : outline.ops)
    combines_at_end_ = combines_at_end_ || (op.statistics.forward > 0 && !op.statistics.forward_first);
  next_ = std::make_unique<std::atomic<int64_t>[]>(timetable.phases.size());
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

int64_t Execution::statistics_bytes(const Outline& outline, const Timetable& timetable, int64_t grains) {
  return aligned(lay_out_statistics(outline, timetable).doubles * grains * 8);
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
    lane->values.resize(most);
    lane->outputs.resize(most);
    lane->output_gradients.resize(most);
    lane->input_gradients.resize(most);
    lane->weight_gradients.resize(most);
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
  const bool by_grain = !run.sums || run.sums->by_grain();
  const int64_t blocks = std::min(run.blocks, grains_);
  const int64_t units = by_grain ? grains_ : blocks;
  std::exception_ptr error;
  int64_t meeting = 0;
  const auto failed = [&] { return failed_before_.load(std::memory_order_acquire) != kNever; };
  const auto meet = [&] {
    lanes.barrier().meet();
    return failed_before_.load(std::memory_order_acquire) > meeting++;
  };
  const auto guarded = [&](const auto& work) {
    try {
      work();
    } catch (const GradientSums::Abandoned&) {
      // Another lane failed and says why.
    } catch (...) {
      error = std::current_exception();
      failed_before_.store(meeting, std::memory_order_release);
      if (run.sums) run.sums->abandon();
    }
  };
  for (size_t phase = 0; phase < timetable_.phases.size(); ++phase) {
    guarded([&] {
      for (int64_t unit = next_[phase].fetch_add(1); unit < units && !failed(); unit = next_[phase].fetch_add(1)) {
        const int64_t first = by_grain ? unit : unit * grains_ / blocks;
        const int64_t end = by_grain ? unit + 1 : (unit + 1) * grains_ / blocks;
        for (int64_t grain = first; grain < end && !failed(); ++grain) run_grain(run, phase, grain, lane);
      }
    });
    // Nothing to combine after the last phase: the end of the run is meeting enough.
    const bool last = phase + 1 == timetable_.phases.size();
    if (last && !combines_at_end_) break;
    if (!meet()) break;
    const Phase& about = timetable_.phases[phase];
    if (about.combine_forward.empty() && about.combine_backward.empty() && !last) continue;
    guarded([&] { combine(phase, lane, lanes.count()); });
    if (!meet()) break;
  }
  if (error) std::rethrow_exception(error);
}

void Execution::combine(size_t phase, int lane, int lanes) {
  const Phase& about = timetable_.phases[phase];
  const std::span<const int64_t> rows(grain_rows_);
  int turn = 0;
  const auto mine = [&] { return turn++ % lanes == lane; };
  const auto partials = [&](int64_t offset, int64_t count) {
    return std::span<const double>(memory_.statistics + offset * memory_.grains, static_cast<size_t>(count * grains_));
  };
  for (int op : about.combine_forward)
    if (mine())
      program_.ops()[static_cast<size_t>(op)].kernel->combine_forward(
          partials(forward_at_[static_cast<size_t>(op)], outline_.ops[static_cast<size_t>(op)].statistics.forward),
          rows, memory_.shared + shared_at_[static_cast<size_t>(op)]);
  for (int op : about.combine_backward)
    if (mine())
      program_.ops()[static_cast<size_t>(op)].kernel->combine_backward(
          partials(backward_at_[static_cast<size_t>(op)], outline_.ops[static_cast<size_t>(op)].statistics.backward),
          rows, memory_.shared + shared_at_[static_cast<size_t>(op)]);
  if (phase + 1 != timetable_.phases.size()) return;
  for (size_t op = 0; op < outline_.ops.size(); ++op)
    if (const Statistics& statistics = outline_.ops[op].statistics;
        statistics.forward > 0 && !statistics.forward_first && mine())
      program_.ops()[op].kernel->combine_forward(partials(forward_at_[op], statistics.forward), rows,
                                                 memory_.shared + shared_at_[op]);
}

void Execution::run_grain(const ExecutionRun& run, size_t phase, int64_t grain, int lane) {
  Lane& mine = *lanes_[static_cast<size_t>(lane)];
  Feed::rows_of(run.batch, grain * program_.grain(), mine.rows, valid(grain));
  if (phase == 0) memory_.statistics[grain] = 0;
  const bool losses = phase == loss_phase_ && objectives_;
  if (losses) std::fill_n(mine.doubles, objectives_->doubles(), 0.0);
  const auto& tasks = timetable_.phases[phase].tasks;
  for (size_t t = 0; t < tasks.size(); ++t) {
    const TaskSpots& spots = placements_.phases[phase].tasks[t];
    switch (tasks[t].kind) {
      case TaskKind::Fetch: fetch(run, tasks[t], spots, grain, lane); break;
      case TaskKind::MeasureForward:
      case TaskKind::Forward: forward(run, tasks[t], spots, grain, lane); break;
      case TaskKind::Loss: loss(run, tasks[t], spots, grain, lane); break;
      case TaskKind::MeasureBackward:
      case TaskKind::Backward: backward(run, tasks[t], spots, grain, lane); break;
    }
  }
  if (!losses || !run.sums) return;
  mine.doubles[objectives_->added_at()] = memory_.statistics[grain];
  run.sums->give_doubles(grain, mine.doubles);
}

void Execution::fetch(const ExecutionRun& run, const Task& task, const TaskSpots& spots, int64_t grain, int lane) {
  feed_.input(run.batch, input_of_[static_cast<size_t>(task.op)], lanes_[static_cast<size_t>(lane)]->rows,
              at(spots.scratch, grain, lane), at(spots.outputs[0], grain, lane));
}

void Execution::forward(const ExecutionRun& run, const Task& task, const TaskSpots& spots, int64_t grain, int lane) {
  Lane& mine = *lanes_[static_cast<size_t>(lane)];
  const size_t op = static_cast<size_t>(task.op);
  for (size_t i = 0; i < spots.inputs.size(); ++i) mine.inputs[i] = at(spots.inputs[i], grain, lane);
  for (size_t i = 0; i < spots.outputs.size(); ++i) mine.outputs[i] = at(spots.outputs[i], grain, lane);
  ForwardCall call;
  call.lane = lane;
  call.rows = valid(grain);
  call.address = {run.seed, run.batch.first_sample + static_cast<uint64_t>(grain * program_.grain())};
  call.inputs = {mine.inputs.data(), spots.inputs.size()};
  call.outputs = {mine.outputs.data(), spots.outputs.size()};
  call.weights = {variables_.forward(program_index_, op), variables_.count(program_index_, op)};
  call.saved = at(spots.saved, grain, lane);
  call.scratch = at(spots.scratch, grain, lane);
  call.shared = memory_.shared + shared_at_[op];
  const Statistics& statistics = outline_.ops[op].statistics;
  call.statistics = memory_.statistics + forward_at_[op] * memory_.grains + grain * statistics.forward;
  call.added_loss = task.again ? &mine.ignored : &memory_.statistics[grain];
  const Kernel& kernel = *program_.ops()[op].kernel;
  if (task.kind == TaskKind::MeasureForward) kernel.measure_forward(call);
  else kernel.forward(call);
}

void Execution::loss(const ExecutionRun& run, const Task& task, const TaskSpots& spots, int64_t grain, int lane) {
  Lane& mine = *lanes_[static_cast<size_t>(lane)];
  const size_t output = static_cast<size_t>(output_of_[static_cast<size_t>(task.op)]);
  const float* prediction = reinterpret_cast<const float*>(at(spots.inputs[0], grain, lane));
  if (!run.predictions.empty() && run.predictions[output]) {
    const int64_t count =
        program_.values()[static_cast<size_t>(program_.outputs()[output].prediction)].type.shape.count();
    std::memcpy(run.predictions[output] + grain * program_.grain() * count, prediction,
                static_cast<size_t>(valid(grain) * count) * 4);
  }
  if (!objectives_) return;
  OutputTask::Call call;
  call.batch = &run.batch;
  call.feed = &feed_;
  call.scale = &run.scale;
  call.class_weight = run.class_weight;
  call.rows = mine.rows;
  call.valid = valid(grain);
  call.prediction = prediction;
  call.logits = spots.inputs.size() > 1 ? reinterpret_cast<const float*>(at(spots.inputs[1], grain, lane)) : nullptr;
  call.scratch = at(spots.scratch, grain, lane);
  call.loss = mine.doubles + objectives_->loss_at(output);
  const Objective& objective = objectives_->outputs()[output];
  for (size_t m = 0; m < objective.metrics.size(); ++m)
    mine.metrics[m] = mine.doubles + objectives_->metric_at(output, m);
  call.metrics = {mine.metrics.data(), objective.metrics.size()};
  const int value = outline_.ops[static_cast<size_t>(task.op)].gradient_of;
  float* gradient = nullptr;
  const bool adds = value >= 0 && task.accumulate[0];
  if (value >= 0)
    gradient = reinterpret_cast<float*>(at(adds ? spots.input_terms[0] : spots.input_gradients[0], grain, lane));
  call.gradient = gradient;
  outputs_[output].run(call);
  if (!adds) return;
  float* sum = reinterpret_cast<float*>(at(spots.input_gradients[0], grain, lane));
  add_elements(sum, gradient, sum, outline_.values[static_cast<size_t>(value)].bytes / 4);
}

void Execution::backward(const ExecutionRun& run, const Task& task, const TaskSpots& spots, int64_t grain, int lane) {
  Lane& mine = *lanes_[static_cast<size_t>(lane)];
  const size_t op = static_cast<size_t>(task.op);
  const OutlineOp& about = outline_.ops[op];
  for (size_t i = 0; i < spots.inputs.size(); ++i)
    mine.inputs[i] = about.needs.backward_inputs ? at(spots.inputs[i], grain, lane) : nullptr;
  for (size_t i = 0; i < spots.outputs.size(); ++i)
    mine.values[i] = about.needs.backward_outputs ? at(spots.outputs[i], grain, lane) : nullptr;
  for (size_t i = 0; i < spots.output_gradients.size(); ++i) {
    mine.output_gradients[i] = at(spots.output_gradients[i], grain, lane);
    if (task.missing[i])
      std::memset(mine.output_gradients[i], 0,
                  static_cast<size_t>(outline_.values[static_cast<size_t>(about.outputs[i])].bytes));
  }
  BackwardCall call;
  call.lane = lane;
  call.rows = valid(grain);
  call.address = {run.seed, run.batch.first_sample + static_cast<uint64_t>(grain * program_.grain())};
  call.sample_scale = static_cast<float>(1.0 / run.scale.samples);
  call.inputs = {mine.inputs.data(), spots.inputs.size()};
  call.outputs = {mine.values.data(), spots.outputs.size()};
  call.weights = {variables_.backward(program_index_, op), variables_.count(program_index_, op)};
  call.saved = at(spots.saved, grain, lane);
  call.scratch = at(spots.scratch, grain, lane);
  call.shared = memory_.shared + shared_at_[op];
  call.statistics = memory_.statistics + backward_at_[op] * memory_.grains + grain * about.statistics.backward;
  call.output_gradients = {mine.output_gradients.data(), spots.output_gradients.size()};
  const Kernel& kernel = *program_.ops()[op].kernel;
  if (task.kind == TaskKind::MeasureBackward) {
    kernel.measure_backward(call);
    return;
  }
  for (size_t i = 0; i < spots.input_gradients.size(); ++i)
    mine.input_gradients[i] = at(task.accumulate[i] ? spots.input_terms[i] : spots.input_gradients[i], grain, lane);
  call.input_gradients = {mine.input_gradients.data(), spots.input_gradients.size()};
  const std::vector<int>& runs = runs_[op];
  for (size_t k = 0; k < runs.size(); ++k) {
    float* direct = runs[k] < 0 ? nullptr : run.sums->direct(runs[k], grain);
    mine.weight_gradients[k] = runs[k] < 0 ? nullptr
                               : direct    ? direct
                                           : reinterpret_cast<float*>(at(spots.weight_gradients[k], grain, lane));
  }
  call.weight_gradients = {mine.weight_gradients.data(), runs.size()};
  kernel.backward(call);
  for (size_t i = 0; i < spots.input_gradients.size(); ++i) {
    if (!task.accumulate[i] || !mine.input_gradients[i]) continue;
    float* sum = reinterpret_cast<float*>(at(spots.input_gradients[i], grain, lane));
    const float* term = static_cast<const float*>(mine.input_gradients[i]);
    add_elements(sum, term, sum, outline_.values[static_cast<size_t>(about.inputs[i])].bytes / 4);
  }
  for (size_t k = 0; k < runs.size(); ++k)
    if (runs[k] >= 0 && !run.sums->direct(runs[k], grain)) run.sums->give(runs[k], grain, mine.weight_gradients[k]);
}

std::span<const double> Execution::weight_sums(const ExecutionRun& run) {
  std::fill(weight_sums_.begin(), weight_sums_.end(), 0.0);
  const auto& tasks = timetable_.phases[loss_phase_].tasks;
  for (int64_t grain = 0; grain < grains_; ++grain) {
    Lane& mine = *lanes_[0];
    Feed::rows_of(run.batch, grain * program_.grain(), mine.rows, valid(grain));
    for (size_t t = 0; t < tasks.size(); ++t) {
      if (tasks[t].kind != TaskKind::Loss) continue;
      const size_t output = static_cast<size_t>(output_of_[static_cast<size_t>(tasks[t].op)]);
      OutputTask::Call call;
      call.batch = &run.batch;
      call.feed = &feed_;
      call.class_weight = run.class_weight;
      call.rows = mine.rows;
      call.valid = valid(grain);
      call.scratch = at(placements_.phases[loss_phase_].tasks[t].scratch, grain, 0);
      weight_sums_[output] += outputs_[output].weight_sum(call);
    }
  }
  return weight_sums_;
}

void Execution::commit(const VariableStore& variables, int part, int parts) const {
  for (size_t op = static_cast<size_t>(part); op < program_.ops().size(); op += static_cast<size_t>(parts)) {
    const ProgramOp& about = program_.ops()[op];
    if (outline_.ops[op].statistics.forward == 0) continue;
    float* weights[16] = {};
    for (size_t k = 0; k < about.variables.size() && k < 16; ++k)
      weights[k] = variables.stored(static_cast<size_t>(about.variables[k]));
    about.kernel->commit(memory_.shared + shared_at_[op], {weights, about.variables.size()});
  }
}

}  // namespace batchwise
