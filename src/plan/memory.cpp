// Fits a step into a budget.
#include "plan/memory.h"

#include <algorithm>
#include <bit>
#include <map>
#include <optional>

#include <batchwise/byte_size.h>
#include <batchwise/error.h>

#include "plan/grain.h"
#include "plan/placement.h"
#include "plan/recompute.h"

namespace batchwise {
namespace {

constexpr size_t kDepths = 16;  // of those that compute again in every phase

// The timetable of one choice of what to compute again, placed both ways.
struct Level {
  Timetable timetable;
  std::optional<Placements> shared, own;  // gradients made beside the sum; written into it. When asked for
};

class Search {
 public:
  explicit Search(const MemoryNeeds& needs) : needs_(needs) {
    choices_.push_back({same_for_all(*needs.training, Recompute::Never), 0});
    const Timetable& all_kept = level(0).timetable;
    const auto kept = [](const KeptSpans& spans) { return bool(spans[0]); };
    keeps_ = std::any_of(all_kept.kept_values.begin(), all_kept.kept_values.end(), kept) ||
             std::any_of(all_kept.kept_saved.begin(), all_kept.kept_saved.end(), kept);
    if (keeps_) add_steps(choices_[0].of_all);  // with one stage nothing is kept and nothing can be dropped
    row_ = row_end_ = choices_.size();
  }

  // The least work whose peak fits, for so many lanes and sums; nothing when none does.
  std::optional<size_t> first_that_fits(int lanes, int64_t sums, int64_t budget) {
    if (peak(0, lanes, sums) <= budget) return 0;
    if (!keeps_) return std::nullopt;
    if (row_end_ == row_) {
      for (RecomputeChoice& choice : recompute_row(*needs_.training)) choices_.push_back(std::move(choice));
      row_end_ = choices_.size();
      add_steps(choices_.back().of_all);
    }
    const int64_t room = budget - peak(0, lanes, sums) + transient(0, lanes, sums);
    for (size_t i = row_; i < row_end_; ++i)
      if (needs_.grains * choices_[i].kept <= room && peak(i, lanes, sums) <= budget) return i;
    std::optional<size_t> best;
    for (size_t i = 1; i < choices_.size(); ++i)
      if ((i < row_ || i >= row_end_) && peak(i, lanes, sums) <= budget &&
          (!best || cost(i, lanes, sums) < cost(*best, lanes, sums)))
        best = i;
    return best;
  }

  // On one lane, of the choices that do not have to be searched for.
  int64_t smallest(int64_t sums) {
    int64_t bytes = peak(0, 1, sums);
    for (size_t i = 1; i < row_; ++i) bytes = std::min(bytes, peak(i, 1, sums));
    return bytes;
  }

  Level& level(size_t index) {
    auto [it, fresh] = levels_.try_emplace(index);
    if (fresh) it->second.timetable = make_timetable(*needs_.training, choices_[index].of_all);
    return it->second;
  }

  bool by_grain(int lanes, int64_t sums) const {
    return needs_.grains > 1 && (sums < needs_.blocks || needs_.blocks < lanes);
  }
  // Small gradients are always given their place beside the sum, so that a batch of few grains takes what one of many
  // does.
  bool share(int lanes, int64_t sums) const {
    return by_grain(lanes, sums) || needs_.grains > needs_.blocks || needs_.gradient_sum <= MiB(1);
  }

  const Placements& placements(size_t index, int lanes, int64_t sums) {
    Level& at = level(index);
    const bool shared = share(lanes, sums);
    std::optional<Placements>& placed = shared ? at.shared : at.own;
    if (!placed) placed = place_buffers(*needs_.training, at.timetable, shared);
    return *placed;
  }

  int64_t transient(size_t index, int lanes, int64_t sums) {
    const Placements& placed = placements(index, lanes, sums);
    const int64_t training = lanes * placed.lane_bytes + needs_.grains * placed.kept_bytes;
    return aligned(std::max({training, lanes * needs_.other_lane_bytes + needs_.other_kept,
                             lanes * needs_.update_lane_bytes, needs_.between_steps}));
  }

  int64_t peak(size_t index, int lanes, int64_t sums) {
    return needs_.weights + sums * needs_.gradient_sum + needs_.accumulator + needs_.optimizer + needs_.shared +
           needs_.statistics + lanes * needs_.lane_fixed + transient(index, lanes, sums) + needs_.pipeline +
           needs_.library;
  }

  // Seconds in units of a step of one lane that recomputes nothing.
  double cost(size_t index, int lanes, int64_t sums) {
    const Timetable& timetable = level(index).timetable;
    const double again = timetable.work > 0 ? timetable.repeated_work / timetable.work : 0;
    const double alone = timetable.work * static_cast<double>(needs_.grains) / kCoreFlops;
    const double sharing = lanes > 1 && alone > 0 ? needs_.sharing_seconds / alone : 0;
    return (1 + again) * (by_grain(lanes, sums) ? 1.03 : 1.0) / lanes + sharing;
  }

 private:
  // From a choice to what computes everything again in every phase.
  void add_steps(std::vector<Recompute> choice) {
    const std::vector<int> order = drop_order(*needs_.training);
    for (size_t part = 1, dropped = 0; part <= kDepths; ++part) {
      if (order.size() * part / kDepths == dropped) continue;
      for (; dropped < order.size() * part / kDepths; ++dropped)
        choice[static_cast<size_t>(order[dropped])] = Recompute::Always;
      choices_.push_back({choice, 0});
    }
  }

  const MemoryNeeds& needs_;
  bool keeps_ = false;
  // All kept; steps from there; where they are needed, the row, which is searched for, and steps from its end.
  std::vector<RecomputeChoice> choices_;
  size_t row_ = 0, row_end_ = 0;
  std::map<size_t, Level> levels_;
};

// Splits the bytes of the shared region among the classes by what lives at its fullest moment.
void count_transient(const MemoryNeeds& needs, const MemoryChoice& choice, ByteCounts& bytes) {
  const PhaseSpots* fullest = &choice.placements.phases.front();
  for (const PhaseSpots& phase : choice.placements.phases)
    if (phase.region > fullest->region) fullest = &phase;
  ByteCounts best;
  int64_t most = -1;
  for (size_t t = 0; t < fullest->tasks.size(); ++t) {
    ByteCounts live;
    for (const PlannedBuffer& buffer : fullest->buffers)
      if (buffer.first_step <= static_cast<int>(t) && static_cast<int>(t) <= buffer.last_step)
        live[buffer.byte_class] += aligned(buffer.bytes) * choice.lanes;
    if (live.total() > most) {
      most = live.total();
      best = live;
    }
  }
  const int64_t others = best[ByteClass::Scratch] + best[ByteClass::Gradients] + best[ByteClass::Pipeline];
  bytes[ByteClass::Scratch] += best[ByteClass::Scratch];
  bytes[ByteClass::Gradients] += best[ByteClass::Gradients];
  bytes[ByteClass::Pipeline] += best[ByteClass::Pipeline];
  bytes[ByteClass::Activations] += choice.transient - others;
  bytes[ByteClass::Scratch] += needs.shared + needs.statistics + choice.lanes * needs.lane_fixed;
}

// Only what would help these needs: an inference has no optimizer, and most models no batch statistics.
std::string other_cures(const MemoryNeeds& needs) {
  if (!needs.training || !needs.training->training) return "";
  const auto& ops = needs.training->ops;
  const bool statistics =
      std::any_of(ops.begin(), ops.end(), [](const OutlineOp& op) { return op.statistics.forward > 0; });
  return std::string(", a smaller --grain") + (needs.optimizer > 0 ? ", an optimizer with fewer slots" : "") +
         (statistics ? ", ghost batch normalisation" : "");
}

BudgetError refusal(const MemoryNeeds& needs, int64_t budget, int64_t smallest, int64_t roomy) {
  const bool trains = needs.training && needs.training->training;
  const bool faster = byte_size_option(roomy) != byte_size_option(smallest) && roomy > smallest;
  return BudgetError(error_detail::sentence("budget", trains ? "the step needs" : "passing samples through takes",
                                            " at least ", byte_size_option(smallest), ". Got ", show_byte_size(budget),
                                            ", which is ", show_byte_size(smallest - budget),
                                            " too little. Give --memory ", byte_size_option(smallest), " or more",
                                            faster ? " (from " + byte_size_option(roomy) + " on it is fastest)" : "",
                                            other_cures(needs), "."),
                     budget, smallest);
}

}  // namespace

int64_t tight_sums(int64_t blocks) { return std::bit_width(static_cast<uint64_t>(blocks)); }

MemoryChoice choose_memory(const MemoryNeeds& needs, int64_t budget, int max_lanes) {
  Search search(needs);
  const int64_t room = budget - needs.margin;
  // What fits here is enough: no other run need be told to take more.
  const auto named = [&](int64_t peak) {
    return peak <= room ? std::min(peak + needs.drift, budget) : peak + needs.drift;
  };
  const int64_t tight = std::min(needs.blocks, tight_sums(needs.blocks));
  const int most_lanes = static_cast<int>(std::clamp<int64_t>(max_lanes, 1, std::max(needs.grains, needs.most_lanes)));
  struct Option {
    size_t level;
    int lanes;
    int64_t sums;
    double cost;
  };
  std::optional<Option> best;
  for (int lanes = most_lanes; lanes >= 1; --lanes)
    for (int64_t sums : {needs.blocks, tight})
      if (const auto level = search.first_that_fits(lanes, sums, room)) {
        const Option option{*level, lanes, sums, search.cost(*level, lanes, sums)};
        if (!best || option.cost < best->cost) best = option;
      }
  const int64_t smallest = search.smallest(tight) - needs.spare,
                roomy = search.peak(0, most_lanes, needs.blocks) - needs.spare;
  if (!best) throw refusal(needs, budget, smallest + needs.drift, roomy + needs.drift);
  MemoryChoice choice;
  choice.lanes = best->lanes;
  choice.sums = best->sums;
  choice.by_grain = search.by_grain(best->lanes, best->sums);
  choice.timetable = search.level(best->level).timetable;
  choice.placements = search.placements(best->level, best->lanes, best->sums);
  choice.transient = search.transient(best->level, best->lanes, best->sums);
  choice.roomy_budget = named(roomy);
  choice.bytes[ByteClass::Weights] = needs.weights;
  choice.bytes[ByteClass::Gradients] = choice.sums * needs.gradient_sum + needs.accumulator;
  choice.bytes[ByteClass::Optimizer] = needs.optimizer;
  choice.bytes[ByteClass::Pipeline] = needs.pipeline;
  choice.bytes[ByteClass::Library] = needs.library;
  count_transient(needs, choice, choice.bytes);
  choice.peak = choice.bytes.total();
  choice.smallest_budget = named(std::min(smallest, choice.peak - needs.spare));
  return choice;
}

std::vector<PlannedMoment> moments_of(const MemoryNeeds& needs, const MemoryChoice& choice) {
  std::vector<PlannedMoment> moments;
  ByteCounts fixed;
  fixed[ByteClass::Weights] = needs.weights;
  fixed[ByteClass::Gradients] = choice.sums * needs.gradient_sum + needs.accumulator;
  fixed[ByteClass::Optimizer] = needs.optimizer;
  fixed[ByteClass::Pipeline] = needs.pipeline;
  fixed[ByteClass::Library] = needs.library;
  fixed[ByteClass::Scratch] = needs.shared + needs.statistics + choice.lanes * needs.lane_fixed;
  for (size_t p = 0; p < choice.timetable.phases.size(); ++p) {
    ByteCounts base = fixed;
    for (const PlannedBuffer& kept : choice.placements.kept)
      if (kept.first_step <= static_cast<int>(p) && static_cast<int>(p) <= kept.last_step)
        base[kept.byte_class] += aligned(kept.bytes) * needs.grains;
    const auto& tasks = choice.timetable.phases[p].tasks;
    for (size_t t = 0; t < tasks.size(); ++t) {
      PlannedMoment moment{"", base};
      for (const PlannedBuffer& buffer : choice.placements.phases[p].buffers)
        if (buffer.first_step <= static_cast<int>(t) && static_cast<int>(t) <= buffer.last_step)
          moment.live[buffer.byte_class] += aligned(buffer.bytes) * choice.lanes;
      const Task& task = tasks[t];
      const bool back = task.kind == TaskKind::Backward || task.kind == TaskKind::MeasureBackward;
      if (task.kind == TaskKind::Fetch)
        moment.label = "fetch " + needs.training->values[static_cast<size_t>(task.op)].name;
      else
        moment.label = std::string(task.kind == TaskKind::Loss ? "loss "
                                   : back                      ? "backward "
                                   : task.again                ? "again "
                                                               : "forward ") +
                       needs.training->ops[static_cast<size_t>(task.op)].name;
      moments.push_back(std::move(moment));
    }
  }
  return moments;
}

}  // namespace batchwise
