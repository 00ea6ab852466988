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

namespace batchwise {
namespace {

constexpr size_t kDepths = 16;  // degrees of recomputation that are weighed

// The timetable at one degree of recomputation, placed both ways.
struct Level {
  std::vector<char> dropped;
  Timetable timetable;
  Placements shared, own;  // gradients made beside the sum; written into it
};

class Search {
 public:
  explicit Search(const MemoryNeeds& needs) : needs_(needs), order_(drop_order(*needs.training)) {
    const Timetable all_kept = make_timetable(*needs.training, std::vector<char>(needs.training->ops.size(), 0));
    const bool keeps = std::count(all_kept.kept_values.begin(), all_kept.kept_values.end(), 1) +
                           std::count(all_kept.kept_saved.begin(), all_kept.kept_saved.end(), 1) >
                       0;
    const size_t n = order_.size();
    // With one stage nothing is kept and nothing can be dropped.
    depths_ = {0};
    for (size_t part = 1; keeps && part <= kDepths; ++part)
      if (n * part / kDepths != depths_.back()) depths_.push_back(n * part / kDepths);
  }

  const std::vector<size_t>& depths() const { return depths_; }

  const Level& level(size_t depth) {
    auto [it, fresh] = levels_.try_emplace(depth);
    if (fresh) {
      Level& level = it->second;
      level.dropped.assign(needs_.training->ops.size(), 0);
      for (size_t i = 0; i < depth; ++i) level.dropped[static_cast<size_t>(order_[i])] = 1;
      level.timetable = make_timetable(*needs_.training, level.dropped);
      level.shared = place_buffers(*needs_.training, level.timetable, true);
      level.own = place_buffers(*needs_.training, level.timetable, false);
    }
    return it->second;
  }

  bool by_grain(int lanes, int64_t sums) const { return sums < needs_.blocks || needs_.blocks < lanes; }
  // Small gradients are always given their place beside the sum, so that a batch of few grains takes what one of many
  // does.
  bool share(int lanes, int64_t sums) const {
    return by_grain(lanes, sums) || needs_.grains > needs_.blocks || needs_.gradient_sum <= MiB(1);
  }

  const Placements& placements(size_t depth, int lanes, int64_t sums) {
    const Level& at = level(depth);
    return share(lanes, sums) ? at.shared : at.own;
  }

  int64_t transient(size_t depth, int lanes, int64_t sums) {
    const Placements& placed = placements(depth, lanes, sums);
    const int64_t training = lanes * placed.lane_bytes + needs_.grains * placed.kept_bytes;
    return aligned(std::max({training, lanes * needs_.other_lane_bytes + needs_.other_kept,
                             lanes * needs_.update_lane_bytes, needs_.between_steps}));
  }

  int64_t peak(size_t depth, int lanes, int64_t sums) {
    return needs_.weights + sums * needs_.gradient_sum + needs_.accumulator + needs_.optimizer + needs_.shared +
           needs_.statistics + lanes * needs_.lane_fixed + transient(depth, lanes, sums) + needs_.pipeline +
           needs_.library;
  }

  // Seconds in units of a step of one lane that recomputes nothing.
  double cost(size_t depth, int lanes, int64_t sums) {
    const Timetable& timetable = level(depth).timetable;
    const double again = timetable.work > 0 ? timetable.repeated_work / (3 * timetable.work) : 0;
    const double alone = 3 * timetable.work * static_cast<double>(needs_.grains) / kCoreFlops;
    const double sharing = lanes > 1 && alone > 0 ? needs_.sharing_seconds / alone : 0;
    return (1 + again) * (by_grain(lanes, sums) ? 1.03 : 1.0) / lanes + sharing;
  }

 private:
  const MemoryNeeds& needs_;
  std::vector<int> order_;
  std::vector<size_t> depths_;
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

}  // namespace

int64_t tight_sums(int64_t blocks) { return std::bit_width(static_cast<uint64_t>(blocks)); }

MemoryChoice choose_memory(const MemoryNeeds& needs, int64_t budget, int max_lanes) {
  Search search(needs);
  const int64_t tight = std::min(needs.blocks, tight_sums(needs.blocks));
  const int most_lanes = static_cast<int>(std::clamp<int64_t>(max_lanes, 1, needs.grains));
  struct Option {
    size_t depth;
    int lanes;
    int64_t sums;
    double cost;
  };
  std::optional<Option> best;
  int64_t smallest = INT64_MAX;
  for (size_t depth : search.depths()) {
    smallest = std::min(smallest, search.peak(depth, 1, tight));
    for (int lanes = most_lanes; lanes >= 1; --lanes)
      for (int64_t sums : {needs.blocks, tight}) {
        const Option option{depth, lanes, sums, search.cost(depth, lanes, sums)};
        if (best && option.cost >= best->cost) continue;
        if (search.peak(depth, lanes, sums) <= budget) best = option;
      }
    // Deeper levels only recompute more.
    if (best && best->depth == depth && best->lanes == most_lanes) break;
  }
  if (!best) {
    for (size_t depth : search.depths()) smallest = std::min(smallest, search.peak(depth, 1, tight));
    smallest += needs.drift;
    throw BudgetError(error_detail::sentence("budget", "the step needs at least ", byte_size_option(smallest), ". Got ",
                                             show_byte_size(budget), ". Give --memory ", byte_size_option(smallest),
                                             " or more", other_cures(needs), "."),
                      budget, smallest);
  }
  MemoryChoice choice;
  choice.lanes = best->lanes;
  choice.sums = best->sums;
  choice.by_grain = search.by_grain(best->lanes, best->sums);
  choice.dropped = search.level(best->depth).dropped;
  choice.timetable = search.level(best->depth).timetable;
  choice.placements = search.placements(best->depth, best->lanes, best->sums);
  choice.transient = search.transient(best->depth, best->lanes, best->sums);
  choice.smallest_budget = smallest == INT64_MAX ? 0 : smallest;
  for (size_t depth : search.depths())
    choice.smallest_budget = std::min(choice.smallest_budget, search.peak(depth, 1, tight));
  choice.bytes[ByteClass::Weights] = needs.weights;
  choice.bytes[ByteClass::Gradients] = choice.sums * needs.gradient_sum + needs.accumulator;
  choice.bytes[ByteClass::Optimizer] = needs.optimizer;
  choice.bytes[ByteClass::Pipeline] = needs.pipeline;
  choice.bytes[ByteClass::Library] = needs.library;
  count_transient(needs, choice, choice.bytes);
  choice.peak = choice.bytes.total();
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
