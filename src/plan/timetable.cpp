// What runs when: cuts the network into phases at batch statistics and adds recomputation.
#include "plan/timetable.h"

#include <algorithm>

namespace batchwise {
namespace {

constexpr int kNever = -1;
constexpr double kStepOfForward = 3;  // forward, and twice as much on the way back
constexpr double kFlopsPerByte = 8;   // a core makes about so many flops in the time that it moves a byte

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
  Builder(const Outline& outline, const std::vector<Recompute>& recompute)
      : outline_(outline), recompute_(recompute), stages_(find_stages(outline)) {
    timetable_.kept_values.resize(outline.values.size());
    timetable_.kept_gradients.resize(outline.values.size());
    timetable_.kept_saved.resize(outline.ops.size());
    gradient_begun_.assign(outline.values.size(), kNever);
    again_.assign(recompute.size(), kNever);
    fetched_.assign(outline.values.size(), kNever);
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
    if (about.input ? keep_input(value) : keep_of_op(about.producer, timetable_.kept_values[v])) here_[v] = 1;
    else if (about.input) fetch(value);
    else run_again(about.producer);
  }

  bool keep_input(int value) {
    const size_t v = static_cast<size_t>(value);
    return outline_.values[v].fetch_work > 0 && fetched_[v] != kNever &&
           keep(choice_of_input(outline_, value), fetched_[v], timetable_.kept_values[v]);
  }

  void fetch(int value) {
    const size_t v = static_cast<size_t>(value);
    const bool again = fetched_[v] != kNever;
    phase().tasks.push_back({TaskKind::Fetch, value, again, {}, {}});
    here_[v] = 1;
    if (again) again_[choice_of_input(outline_, value)] = phase_index();
    else fetched_[v] = phase_index();
    (again ? timetable_.repeated_work : timetable_.work) += outline_.values[v].fetch_work;
  }

  void need_saved(int op) {
    const size_t o = static_cast<size_t>(op);
    if (saved_here_[o] || outline_.ops[o].memory.saved == 0) return;
    if (keep_of_op(op, timetable_.kept_saved[o])) saved_here_[o] = 1;
    else run_again(op);
  }

  bool keep_of_op(int op, KeptSpans& spans) {
    return keep(static_cast<size_t>(op), stages_.forward[static_cast<size_t>(op)], spans);
  }

  // Keeps what was made in phase `made` up to this one; false where it must be made again.
  bool keep(size_t choice, int made, KeptSpans& spans) {
    const bool on_the_way_back = phase_index() >= stages_.num_forward;
    if (recompute_[choice] == Recompute::Never || (recompute_[choice] == Recompute::Once && !on_the_way_back)) {
      spans[0] = {made, phase_index()};
      return true;
    }
    if (recompute_[choice] == Recompute::Always || again_[choice] == kNever) return false;
    spans[1] = {again_[choice], phase_index()};
    return true;
  }

  void run_again(int op) {
    run_forward(op, true);
    again_[static_cast<size_t>(op)] = phase_index();
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
        timetable_.work += kStepOfForward * work_of(op);
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
    read_gradient(value);
    return 1;
  }

  void read_gradient(int value) {
    const int begun = gradient_begun_[static_cast<size_t>(value)];
    if (begun != phase_index()) timetable_.kept_gradients[static_cast<size_t>(value)] = {begun, phase_index()};
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
  const std::vector<Recompute>& recompute_;
  const Stages stages_;
  Timetable timetable_;
  std::vector<char> here_, saved_here_;  // what the current phase has already
  std::vector<int> gradient_begun_;      // per value: the phase that wrote its gradient first
  std::vector<int> fetched_;             // per input: the phase that read it first
  std::vector<int> again_;               // per choice: the phase that made it again last
};

}  // namespace

std::vector<Recompute> same_for_all(const Outline& outline, Recompute how) {
  return std::vector<Recompute>(outline.ops.size() + outline.fetch_bytes.size(), how);
}

Timetable make_timetable(const Outline& outline, const std::vector<Recompute>& recompute) {
  return Builder(outline, recompute).build();
}

}  // namespace batchwise
