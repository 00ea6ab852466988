// What runs when: cuts the network into phases at batch statistics and adds recomputation.
#include "plan/timetable.h"

#include <algorithm>

namespace batchwise {
namespace {

constexpr int kNever = -1;
constexpr double kFlopsPerByte = 8;  // a core makes about so many flops in the time that it moves a byte

double work_of(const OutlineOp& op) { return op.cost.flops + kFlopsPerByte * op.cost.bytes; }

// Phases of forward and backward of every op, counted separately from 0.
struct Stages {
  std::vector<int> forward, measure_forward, backward, measure_backward;
  int num_forward = 1, num_backward = 0;
};

bool learns(const Outline& outline, const OutlineOp& op) {
  for (const OutlineWeight& weight : op.weights)
    if (weight.gradient_bytes > 0) return true;
  for (int input : op.inputs)
    if (outline.values[static_cast<size_t>(input)].gradient) return true;
  return false;
}

bool measures_losses(const Outline& outline) {
  return std::any_of(outline.ops.begin(), outline.ops.end(),
                     [](const OutlineOp& op) { return op.loss && op.statistics.forward > 0; });
}

// Where a loss is measured, what does not lead to a measurement runs after it: run before, its tensors would have to be
// kept for every grain of the batch.
void delay_forward(const Outline& outline, Stages& stages) {
  const int last = stages.num_forward - 1;
  std::vector<int> wanted(outline.values.size(), last);
  for (size_t i = outline.ops.size(); i-- > 0;) {
    const OutlineOp& op = outline.ops[i];
    int at = last;
    for (int output : op.outputs) at = std::min(at, wanted[static_cast<size_t>(output)]);
    stages.forward[i] = at;
    const bool measures = stages.measure_forward[i] != kNever;
    for (int input : values_read(op, TaskKind::MeasureForward)) {
      int& first = wanted[static_cast<size_t>(input)];
      first = std::min(first, measures ? stages.measure_forward[i] : at);
    }
  }
}

Stages find_stages(const Outline& outline) {
  const size_t n = outline.ops.size();
  Stages stages{std::vector<int>(n, 0), std::vector<int>(n, kNever), std::vector<int>(n, kNever),
                std::vector<int>(n, kNever)};
  std::vector<int> ready(outline.values.size(), 0);
  for (size_t i = 0; i < n; ++i) {
    const OutlineOp& op = outline.ops[i];
    int at = 0;
    for (int input : values_read(op, TaskKind::MeasureForward)) at = std::max(at, ready[static_cast<size_t>(input)]);
    if (op.statistics.forward > 0 && op.statistics.forward_first) stages.measure_forward[i] = at++;
    if (op.loss && stages.measure_forward[i] == kNever) continue;
    stages.forward[i] = at;
    for (int output : op.outputs) ready[static_cast<size_t>(output)] = at;
    stages.num_forward = std::max(stages.num_forward, at + 1);
  }
  if (measures_losses(outline)) delay_forward(outline, stages);
  if (!outline.training) return stages;

  std::vector<int> gradient_ready(outline.values.size(), kNever);
  for (size_t i = n; i-- > 0;) {
    const OutlineOp& op = outline.ops[i];
    int at = kNever;
    if (op.loss) {
      if (op.gradient_of < 0) continue;
      auto& ready_at = gradient_ready[static_cast<size_t>(op.gradient_of)];
      ready_at = std::max(ready_at, 0);
      stages.num_backward = std::max(stages.num_backward, 1);
      continue;
    }
    for (int output : op.outputs) at = std::max(at, gradient_ready[static_cast<size_t>(output)]);
    if (at == kNever || !learns(outline, op)) continue;
    if (op.statistics.backward > 0) stages.measure_backward[i] = at++;
    stages.backward[i] = at;
    stages.num_backward = std::max(stages.num_backward, at + 1);
    for (int input : op.inputs)
      if (outline.values[static_cast<size_t>(input)].gradient) {
        auto& ready_at = gradient_ready[static_cast<size_t>(input)];
        ready_at = std::max(ready_at, at);
      }
  }
  return stages;
}

class Builder {
 public:
  Builder(const Outline& outline, const std::vector<char>& dropped)
      : outline_(outline), dropped_(dropped), stages_(find_stages(outline)) {
    timetable_.kept_values.assign(outline.values.size(), 0);
    timetable_.kept_gradients.assign(outline.values.size(), 0);
    timetable_.kept_saved.assign(outline.ops.size(), 0);
    gradient_begun_.assign(outline.values.size(), kNever);
  }

  Timetable build() {
    for (int f = 0; f < stages_.num_forward; ++f) {
      begin_phase();
      add_forward(f);
      if (f + 1 == stages_.num_forward && stages_.num_backward > 0) add_backward(0);
    }
    for (int b = 1; b < stages_.num_backward; ++b) {
      begin_phase();
      add_backward(b);
    }
    return std::move(timetable_);
  }

 private:
  Phase& phase() { return timetable_.phases.back(); }
  int phase_index() const { return static_cast<int>(timetable_.phases.size()) - 1; }

  void begin_phase() {
    timetable_.phases.emplace_back();
    here_.assign(outline_.values.size(), 0);
    saved_here_.assign(outline_.ops.size(), 0);
  }

  void need_value(int value) {
    const size_t v = static_cast<size_t>(value);
    if (here_[v]) return;
    const OutlineValue& about = outline_.values[v];
    if (about.input) {
      phase().tasks.push_back({TaskKind::Fetch, value, phase_index() > 0, {}, {}});
      here_[v] = 1;
    } else if (dropped_[static_cast<size_t>(about.producer)]) {
      run_again(about.producer);
    } else {
      timetable_.kept_values[v] = 1;
      here_[v] = 1;
    }
  }

  void need_saved(int op) {
    const size_t o = static_cast<size_t>(op);
    if (saved_here_[o] || outline_.ops[o].memory.saved == 0) return;
    if (dropped_[o]) run_again(op);
    else {
      timetable_.kept_saved[o] = 1;
      saved_here_[o] = 1;
    }
  }

  void run_again(int op) {
    run_forward(op, true);
    timetable_.repeated_work += work_of(outline_.ops[static_cast<size_t>(op)]);
  }

  void run_forward(int op, bool again) {
    const OutlineOp& about = outline_.ops[static_cast<size_t>(op)];
    for (int input : about.inputs) need_value(input);
    phase().tasks.push_back({TaskKind::Forward, op, again, {}, {}});
    for (int output : about.outputs) here_[static_cast<size_t>(output)] = 1;
    saved_here_[static_cast<size_t>(op)] = 1;
  }

  void add_forward(int stage) {
    for (size_t i = 0; i < outline_.ops.size(); ++i) {
      const OutlineOp& op = outline_.ops[i];
      const int index = static_cast<int>(i);
      if (!op.loss && stages_.forward[i] == stage) {
        run_forward(index, false);
        timetable_.work += work_of(op);
      }
      if (stages_.measure_forward[i] == stage) {
        for (int input : values_read(op, TaskKind::MeasureForward)) need_value(input);
        phase().tasks.push_back({TaskKind::MeasureForward, index, false, {}, {}});
        phase().combine_forward.push_back(index);
      }
    }
    if (stage + 1 != stages_.num_forward) return;
    // Losses come last, whatever the stage of their prediction: their gradients start the way back.
    for (size_t i = 0; i < outline_.ops.size(); ++i) {
      const OutlineOp& op = outline_.ops[i];
      if (!op.loss) continue;
      for (int input : op.inputs) need_value(input);
      Task task{TaskKind::Loss, static_cast<int>(i), false, {}, {}};
      if (op.gradient_of >= 0) task.accumulate.push_back(begin_gradient(op.gradient_of));
      phase().tasks.push_back(std::move(task));
    }
  }

  // Whether the gradient was begun before; notes where it lives.
  char begin_gradient(int value) {
    int& begun = gradient_begun_[static_cast<size_t>(value)];
    if (begun == kNever) {
      begun = phase_index();
      return 0;
    }
    if (begun != phase_index()) timetable_.kept_gradients[static_cast<size_t>(value)] = 1;
    return 1;
  }

  void read_gradient(int value) {
    if (gradient_begun_[static_cast<size_t>(value)] != phase_index())
      timetable_.kept_gradients[static_cast<size_t>(value)] = 1;
  }

  void need_for_backward(int op) {
    const OutlineOp& about = outline_.ops[static_cast<size_t>(op)];
    if (about.needs.backward_inputs)
      for (int input : about.inputs) need_value(input);
    if (about.needs.backward_outputs)
      for (int output : about.outputs) need_value(output);
    need_saved(op);
  }

  void add_backward(int stage) {
    for (size_t i = outline_.ops.size(); i-- > 0;) {
      const OutlineOp& op = outline_.ops[i];
      const int index = static_cast<int>(i);
      if (stages_.backward[i] != stage && stages_.measure_backward[i] != stage) continue;
      need_for_backward(index);
      Task task{stages_.backward[i] == stage ? TaskKind::Backward : TaskKind::MeasureBackward, index, false, {}, {}};
      for (int output : op.outputs) {
        task.missing.push_back(gradient_begun_[static_cast<size_t>(output)] == kNever);
        if (!task.missing.back()) read_gradient(output);
      }
      if (task.kind == TaskKind::MeasureBackward) phase().combine_backward.push_back(index);
      else
        for (int input : op.inputs)
          task.accumulate.push_back(outline_.values[static_cast<size_t>(input)].gradient ? begin_gradient(input) : 0);
      phase().tasks.push_back(std::move(task));
    }
  }

  const Outline& outline_;
  const std::vector<char>& dropped_;
  const Stages stages_;
  Timetable timetable_;
  std::vector<char> here_, saved_here_;  // what the current phase has already
  std::vector<int> gradient_begun_;      // per value: the phase that wrote its gradient first
};

}  // namespace

Timetable make_timetable(const Outline& outline, const std::vector<char>& dropped) {
  return Builder(outline, dropped).build();
}

std::vector<int> drop_order(const Outline& outline) {
  std::vector<int> cheap, dear, merges;
  for (size_t i = 0; i < outline.ops.size(); ++i) {
    const OutlineOp& op = outline.ops[i];
    if (op.loss || op.outputs.empty()) continue;
    double bytes = static_cast<double>(op.memory.saved);
    for (int output : op.outputs) bytes += static_cast<double>(outline.values[static_cast<size_t>(output)].bytes);
    const bool is_cheap = op.cost.flops < 16 * bytes;
    // The sums of residual blocks are cheap by themselves, but with them dropped every way back is long: they go last.
    (op.inputs.size() > 1 ? merges : is_cheap ? cheap : dear).push_back(static_cast<int>(i));
  }
  std::vector<int> order = cheap;
  // Every second one, then every second of the rest, ...: what stays kept lies evenly between, so ways back stay short.
  for (const std::vector<int>& ops : {dear, merges})
    for (size_t step = 2; step < 4 * ops.size(); step *= 2)
      for (size_t i = step / 2 - 1; i < ops.size(); i += step) order.push_back(ops[i]);
  return order;
}

}  // namespace batchwise
