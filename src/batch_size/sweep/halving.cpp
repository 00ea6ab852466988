// Successive halving.
#include "batch_size/sweep/halving.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <sstream>

#include "batch_size/sweep/sweep_grid.h"
#include "batch_size/sweep/way_to_target.h"
#include "training/callbacks/better_way.h"

namespace batchwise {
namespace {

struct Rank {
  size_t first, end;  // cells
  double value;
  bool known;
  bool begun = true;  // every cell has come so far, or ended before
};

Rank rank_of(const std::vector<SweepCell>& cells, std::pair<size_t, size_t> row, int64_t epoch,
             const std::string& metric) {
  Rank rank{row.first, row.second, 0, true};
  for (size_t c = row.first; c < row.second; ++c) {
    rank.begun = rank.begun && (cells[c].state != "open" || static_cast<int64_t>(cells[c].epochs.size()) >= epoch);
    SweepCell until = cells[c];
    std::erase_if(until.epochs, [&](const SweepEpoch& later) { return later.epoch > epoch; });
    const SweepEpoch* best = until.state == "failed" ? nullptr : best_epoch(metric, until);
    if (best) rank.value += *find_log(best->logs, metric) / static_cast<double>(row.second - row.first);
    else rank.known = false;
  }
  return rank;
}

}  // namespace

std::vector<int64_t> halving_epochs(int64_t epochs, size_t rows) {
  std::vector<int64_t> rungs;
  for (double left = static_cast<double>(epochs) / 2; rows > 1; rows = (rows + 1) / 2, left /= 2) {
    const int64_t rung = std::max<int64_t>(1, static_cast<int64_t>(left));
    if (rung < epochs && (rungs.empty() || rung < rungs.back())) rungs.push_back(rung);
  }
  std::reverse(rungs.begin(), rungs.end());
  return rungs;
}

size_t rows_of_a_batch_size(const std::vector<SweepCell>& cells) {
  std::map<int64_t, size_t> rows;
  size_t most = 0;
  for (const auto& [first, end] : rows_of(cells)) most = std::max(most, ++rows[cells[first].batch_size]);
  return most;
}

void halve(std::vector<SweepCell>& cells, int64_t epoch, const std::string& metric) {
  std::map<int64_t, std::vector<Rank>> by_size;
  for (const auto& row : rows_of(cells)) {
    const std::string& state = cells[row.first].state;
    if (state != "stopped" && state != "infeasible")
      by_size[cells[row.first].batch_size].push_back(rank_of(cells, row, epoch, metric));
  }
  for (auto& [size, ranks] : by_size) {
    // Where the time was over before all came so far, nobody is known to be behind.
    if (!std::all_of(ranks.begin(), ranks.end(), [](const Rank& rank) { return rank.begun; })) continue;
    std::stable_sort(ranks.begin(), ranks.end(), [&](const Rank& a, const Rank& b) {
      return a.known != b.known ? a.known : a.known && is_better(metric, a.value, b.value);
    });
    for (size_t r = (ranks.size() + 1) / 2; r < ranks.size(); ++r) {
      std::ostringstream why;
      why << "behind after epoch " << epoch << ": ";
      if (ranks[r].known) why << metric << ' ' << ranks[r].value << " against " << ranks.front().value;
      else why << "a run failed";
      why << ", in the worse half of the " << ranks.size() << " with batch size " << size;
      for (size_t c = ranks[r].first; c < ranks[r].end; ++c)
        if (cells[c].state == "open") {
          cells[c].state = "stopped";
          cells[c].why = why.str();
        }
    }
  }
}

}  // namespace batchwise
