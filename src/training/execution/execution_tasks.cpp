// One task of a grain: fetching an input, a kernel's forward or backward pass, a loss.
#include <cstring>

#include "kernels/simd/sums.h"
#include "training/execution/execution_lane.h"

namespace batchwise {

void Execution::fetch(const ExecutionRun& run, const Task& task, const TaskSpots& spots, int64_t grain, int lane) {
  Lane& mine = *lanes_[static_cast<size_t>(lane)];
  const int input = input_of_[static_cast<size_t>(task.op)];
  const void*& in_place = mine.in_place[static_cast<size_t>(input)];
  in_place = nullptr;
  // A prediction reads its samples once, in their order: no copy pays.
  if (!run.sums && valid(grain) == program_.grain() && !ends_[static_cast<size_t>(input)])
    in_place = feed_.input_in_place(run.batch, input, grain * program_.grain(), program_.grain());
  if (!in_place)
    feed_.input(run.batch, input, mine.rows, at(spots.scratch, grain, lane), at(spots.outputs[0], grain, lane));
}

void Execution::forward(const ExecutionRun& run, const Task& task, const TaskSpots& spots, int64_t grain, int lane,
                        Share share) {
  Lane& mine = *lanes_[static_cast<size_t>(lane)];
  const size_t op = static_cast<size_t>(task.op);
  const int home = share.count > 1 ? 0 : lane;  // whose region holds the tensors
  const OutlineOp& about = outline_.ops[op];
  for (size_t i = 0; i < spots.inputs.size(); ++i) {
    const int input = input_of_[static_cast<size_t>(about.inputs[i])];
    const void* given = input < 0 ? nullptr : lanes_[static_cast<size_t>(home)]->in_place[static_cast<size_t>(input)];
    mine.inputs[i] = given ? given : at(spots.inputs[i], grain, home);
  }
  for (size_t i = 0; i < spots.outputs.size(); ++i) mine.outputs[i] = at(spots.outputs[i], grain, home);
  ForwardCall call;
  call.lane = lane;
  call.rows = valid(grain);
  call.address = {run.seed, run.batch.first_sample + static_cast<uint64_t>(grain * program_.grain())};
  call.inputs = {mine.inputs.data(), spots.inputs.size()};
  call.outputs = {mine.outputs.data(), spots.outputs.size()};
  call.weights = {variables_.forward(program_index_, op), variables_.count(program_index_, op)};
  call.share = share;
  call.saved = at(spots.saved, grain, home);
  call.scratch = at(spots.scratch, grain, lane);
  call.shared = memory_.shared + shared_at_[op];
  const Statistics& statistics = about.statistics;
  call.statistics = memory_.statistics + forward_at_[op] * memory_.grains + grain * statistics.forward;
  call.added_loss = task.again ? &mine.ignored : &memory_.statistics[grain];
  const Kernel& kernel = *program_.ops()[op].kernel;
  if (task.kind == TaskKind::MeasureForward) kernel.measure_forward(call);
  else kernel.forward(call);
}

OutputTask::Statistics Execution::loss_statistics(size_t op) const {
  return {memory_.statistics + forward_at_[op] * memory_.grains, memory_.grains, grain_rows_};
}

OutputTask::Call Execution::output_call(const ExecutionRun& run, const Task& task, const TaskSpots& spots,
                                        int64_t grain, int lane) {
  const size_t op = static_cast<size_t>(task.op);
  const OutlineOp& about = outline_.ops[op];
  const ProgramOutput& output = program_.outputs()[static_cast<size_t>(output_of_[op])];
  OutputTask::Call call;
  call.batch = &run.batch;
  call.feed = &feed_;
  call.samples = run.samples;
  call.class_weight = run.class_weight;
  call.rows = lanes_[static_cast<size_t>(lane)]->rows;
  call.valid = valid(grain);
  call.grain = grain;
  for (size_t i = 0; i < about.inputs.size(); ++i) {
    const std::byte* value = at(spots.inputs[i], grain, lane);
    if (about.inputs[i] == output.mask) call.mask = reinterpret_cast<const unsigned char*>(value);
    else if (i == 0) call.prediction = reinterpret_cast<const float*>(value);
    else call.logits = reinterpret_cast<const float*>(value);
  }
  call.scratch = at(spots.scratch, grain, lane);
  if (about.statistics.forward > 0) call.statistics = loss_statistics(op);
  return call;
}

void Execution::loss(const ExecutionRun& run, const Task& task, const TaskSpots& spots, int64_t grain, int lane) {
  Lane& mine = *lanes_[static_cast<size_t>(lane)];
  const size_t output = static_cast<size_t>(output_of_[static_cast<size_t>(task.op)]);
  OutputTask::Call call = output_call(run, task, spots, grain, lane);
  if (!run.predictions.empty() && run.predictions[output]) {
    const TensorType& type = program_.values()[static_cast<size_t>(program_.outputs()[output].prediction)].type;
    const int64_t bytes = type.shape.count() * size_of(type.dtype);
    std::memcpy(run.predictions[output] + grain * program_.grain() * bytes, call.prediction,
                static_cast<size_t>(call.valid * bytes));
  }
  if (!objectives_) return;
  call.loss = mine.doubles + objectives_->loss_at(output);
  call.divisor = mine.doubles + objectives_->divisor_at(output);
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

BackwardCall Execution::backward_call(const ExecutionRun& run, const Task& task, const TaskSpots& spots, int64_t grain,
                                      int lane, Share share) {
  Lane& mine = *lanes_[static_cast<size_t>(lane)];
  const size_t op = static_cast<size_t>(task.op);
  const int home = share.count > 1 ? 0 : lane;  // whose region holds the tensors
  const OutlineOp& about = outline_.ops[op];
  for (size_t i = 0; i < spots.inputs.size(); ++i)
    mine.inputs[i] = about.needs.backward_inputs ? at(spots.inputs[i], grain, home) : nullptr;
  for (size_t i = 0; i < spots.outputs.size(); ++i)
    mine.values[i] = about.needs.backward_outputs ? at(spots.outputs[i], grain, home) : nullptr;
  for (size_t i = 0; i < spots.output_gradients.size(); ++i) {
    mine.output_gradients[i] = at(spots.output_gradients[i], grain, home);
    if (task.missing[i])
      std::memset(mine.output_gradients[i], 0,
                  static_cast<size_t>(outline_.values[static_cast<size_t>(about.outputs[i])].bytes));
  }
  BackwardCall call;
  call.lane = lane;
  call.rows = valid(grain);
  call.address = {run.seed, run.batch.first_sample + static_cast<uint64_t>(grain * program_.grain())};
  call.sample_scale = static_cast<float>(1.0 / run.samples);
  call.inputs = {mine.inputs.data(), spots.inputs.size()};
  call.outputs = {mine.values.data(), spots.outputs.size()};
  call.weights = {variables_.backward(program_index_, op), variables_.count(program_index_, op)};
  call.saved = at(spots.saved, grain, home);
  call.scratch = at(spots.scratch, grain, lane);
  call.shared = memory_.shared + shared_at_[op];
  call.statistics = memory_.statistics + backward_at_[op] * memory_.grains + grain * about.statistics.backward;
  call.output_gradients = {mine.output_gradients.data(), spots.output_gradients.size()};
  call.share = share;
  if (task.kind == TaskKind::MeasureBackward) return call;
  for (size_t i = 0; i < spots.input_gradients.size(); ++i)
    mine.input_gradients[i] = at(task.accumulate[i] ? spots.input_terms[i] : spots.input_gradients[i], grain, home);
  call.input_gradients = {mine.input_gradients.data(), spots.input_gradients.size()};
  const std::vector<int>& runs = runs_[op];
  const Kernel& kernel = *program_.ops()[op].kernel;
  // The noise scale looks at what each grain gives.
  const auto sum_before = [&](size_t k) {
    return run.measures_noise || !kernel.can_add_to_gradient(static_cast<int>(k))
               ? nullptr
               : run.sums->sum_before(runs[k], grain);
  };
  for (size_t k = 0; k < runs.size(); ++k) {
    float*& gradient = mine.weight_gradients[k] = nullptr;
    mine.given[k] = false;
    if (runs[k] < 0) continue;
    if (about.weights[k].added) gradient = run.sums->open(runs[k], grain);
    else if (float* direct = run.sums->direct(runs[k], grain)) gradient = direct;
    else if (float* sum = sum_before(k)) call.adds = true, gradient = sum;
    else mine.given[k] = true, gradient = reinterpret_cast<float*>(at(spots.weight_gradients[k], grain, home));
  }
  call.weight_gradients = {mine.weight_gradients.data(), runs.size()};
  return call;
}

void Execution::give_gradients(const ExecutionRun& run, const Task& task, const TaskSpots& spots, int64_t grain,
                               int lane) {
  const Lane& mine = *lanes_[static_cast<size_t>(lane)];
  const OutlineOp& about = outline_.ops[static_cast<size_t>(task.op)];
  const std::vector<int>& runs = runs_[static_cast<size_t>(task.op)];
  if (run.measures_noise)
    for (size_t k = 0; k < runs.size(); ++k) {
      const int slot = runs[k] < 0 ? -1 : noise_.of_run[static_cast<size_t>(runs[k])];
      if (slot >= 0)
        memory_.statistics[(1 + slot) * memory_.grains + grain] +=
            sum_squares(mine.weight_gradients[k], run.sums->run_size(runs[k]));
    }
  for (size_t i = 0; i < spots.input_gradients.size(); ++i) {
    if (!task.accumulate[i] || !mine.input_gradients[i]) continue;
    float* sum = reinterpret_cast<float*>(at(spots.input_gradients[i], grain, lane));
    const float* term = static_cast<const float*>(mine.input_gradients[i]);
    add_elements(sum, term, sum, outline_.values[static_cast<size_t>(about.inputs[i])].bytes / 4);
  }
  const int64_t begin = timed_ ? WorkClock::now() : 0;
  int64_t bytes = 0;
  for (size_t k = 0; k < runs.size(); ++k)
    if (runs[k] >= 0 && about.weights[k].added) {
      bytes += run.sums->closed_bytes(runs[k], grain);
      run.sums->close(runs[k], grain);
    } else if (mine.given[k]) {
      bytes += run.sums->given_bytes(runs[k], grain);
      run.sums->give(runs[k], grain, mine.weight_gradients[k]);
    }
  if (timed_ && bytes > 0) timed_->clock().add_within(lane, timed_->of_sum(task.op), begin, static_cast<double>(bytes));
}

void Execution::backward(const ExecutionRun& run, const Task& task, const TaskSpots& spots, int64_t grain, int lane) {
  const BackwardCall call = backward_call(run, task, spots, grain, lane);
  const Kernel& kernel = *program_.ops()[static_cast<size_t>(task.op)].kernel;
  if (task.kind == TaskKind::MeasureBackward) return kernel.measure_backward(call);
  kernel.backward(call);
  give_gradients(run, task, spots, grain, lane);
}

}  // namespace batchwise
