// What to compute again on the way back.
#include "plan/recompute.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <queue>

#include "plan/placement.h"

namespace batchwise {
namespace {

using Choice = std::vector<Recompute>;

constexpr double kSharpness = 32;  // of the mean: how much the fullest phase rules it

struct Weighed {
  double most = 0;  // kept of a grain in the fullest phase, bytes
  double kept = 0;  // a mean over phases that the fullest rule
  double work = 0;  // done again
};

Weighed weigh(const Outline& outline, const Timetable& timetable) {
  std::vector<double> change(timetable.phases.size() + 1, 0);
  const auto add = [&](const Span& span, int64_t bytes) {
    if (!span) return;
    change[static_cast<size_t>(span.first)] += static_cast<double>(aligned(bytes));
    change[static_cast<size_t>(span.last) + 1] -= static_cast<double>(aligned(bytes));
  };
  for (size_t v = 0; v < outline.values.size(); ++v) {
    for (const Span& span : timetable.kept_values[v]) add(span, outline.values[v].bytes);
    add(timetable.kept_gradients[v], outline.values[v].bytes);
  }
  for (size_t o = 0; o < outline.ops.size(); ++o)
    for (const Span& span : timetable.kept_saved[o]) add(span, outline.ops[o].memory.saved);
  std::partial_sum(change.begin(), change.end(), change.begin());
  Weighed weighed;
  weighed.work = timetable.repeated_work;
  weighed.most = *std::max_element(change.begin(), change.end());
  if (weighed.most == 0) return weighed;
  // Where several phases are about as full, a choice that empties one of them is on the way, though the fullest stays.
  double sum = 0;
  for (double live : change) sum += std::pow(std::max(live, 0.0) / weighed.most, kSharpness);
  weighed.kept = weighed.most * std::pow(sum, 1 / kSharpness);
  return weighed;
}

class Row {
 public:
  explicit Row(const Outline& outline) : outline_(outline) { choose(same_for_all(outline, Recompute::Never)); }

  std::vector<RecomputeChoice> make() {
    std::vector<RecomputeChoice> row{{choice_, static_cast<int64_t>(now_.most)}};
    for (;;) {
      // What saved nothing before may save something beside what was chosen since.
      if (candidates_.empty())
        for (size_t c = 0; c < choice_.size(); ++c)
          for (Recompute how : {Recompute::Once, Recompute::Always}) consider(c, how);
      if (candidates_.empty()) return row;
      const Candidate best = candidates_.top();
      candidates_.pop();
      if (best.round != round_) {  // weighed beside other choices than those made since
        consider(best.of, best.how);
        continue;
      }
      choose(with(best.of, best.how));
      ++round_;
      row.push_back({choice_, static_cast<int64_t>(now_.most)});
    }
  }

 private:
  struct Candidate {
    double gain;  // bytes for work
    size_t of;
    Recompute how;
    int round;
    bool operator<(const Candidate& other) const {
      return gain != other.gain ? gain < other.gain : of != other.of ? of > other.of : how > other.how;
    }
  };

  void choose(Choice choice) {
    choice_ = std::move(choice);
    timetable_ = make_timetable(outline_, choice_);
    now_ = weigh(outline_, timetable_);
  }

  // The op, and what it reads that is not kept: kept for its sake, that would save nothing.
  Choice with(size_t of, Recompute how) const {
    Choice choice = choice_;
    std::vector<size_t> open{of};
    while (!open.empty()) {
      const size_t next = open.back();
      open.pop_back();
      if (choice[next] >= how) continue;
      const bool kept = choice[next] == Recompute::Never;
      choice[next] = how;
      if (!kept || next >= outline_.ops.size()) continue;
      for (int input : outline_.ops[next].inputs) {
        const OutlineValue& value = outline_.values[static_cast<size_t>(input)];
        if (!timetable_.kept_values[static_cast<size_t>(input)][0])
          open.push_back(value.input ? choice_of_input(outline_, input) : static_cast<size_t>(value.producer));
      }
    }
    return choice;
  }

  // Losses, ops without outputs and inputs that are read anew anyway have nothing to be chosen.
  bool has_choice(size_t of) const {
    if (of >= outline_.ops.size()) return outline_.values[of - outline_.ops.size()].fetch_work > 0;
    return !outline_.ops[of].loss && !outline_.ops[of].outputs.empty();
  }

  void consider(size_t of, Recompute how) {
    if (!has_choice(of) || choice_[of] >= how) return;
    const Weighed then = weigh(outline_, make_timetable(outline_, with(of, how)));
    if (then.kept >= now_.kept) return;
    const double work = std::max(then.work - now_.work, 1.0);
    candidates_.push({(now_.kept - then.kept) / work, of, how, round_});
  }

  const Outline& outline_;
  Choice choice_;
  Timetable timetable_;  // of the choice
  Weighed now_;
  int round_ = 0;
  std::priority_queue<Candidate> candidates_;
};

}  // namespace

std::vector<RecomputeChoice> recompute_row(const Outline& outline) { return Row(outline).make(); }

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
  for (size_t v = 0; v < outline.fetch_bytes.size(); ++v)
    if (outline.values[v].fetch_work > 0)
      order.push_back(static_cast<int>(choice_of_input(outline, static_cast<int>(v))));
  return order;
}

}  // namespace batchwise
