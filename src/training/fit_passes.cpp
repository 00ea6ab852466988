// What a run reads: passes over the data, and the samples of the next batch.
#include <algorithm>
#include <utility>

#include "training/fit_loop.h"

namespace batchwise {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

}  // namespace

void FitLoop::start_pass() {
  if (!data_.streamed()) return;
  int64_t most = data_.samples_in_pass() < 0 ? kUnknown : data_.samples_in_pass() - cursor_.position;
  if (const int64_t steps = options_.steps_per_epoch; steps > 0)
    most = std::max<int64_t>(0, (options_.epochs - cursor_.epoch) * steps - cursor_.step) * options_.batch_size;
  if (cursor_.epoch >= options_.epochs) most = 0;
  data_.stream().start(cursor_.pass, cursor_.position, most, std::exchange(even_, false));
}

bool FitLoop::more() {
  if (!data_.streamed()) return cursor_.position < data_.training().size();
  if (!data_.stream().started()) start_pass();
  const Clock::time_point start = Clock::now();
  const bool there = data_.stream().more();
  history_.data_seconds += seconds_since(start);
  return there;
}

std::optional<BatchRange> FitLoop::next_range() {
  BatchRange range{&data_.training(), order_ ? &*order_ : nullptr, cursor_.pass, cursor_.position, 0, cursor_.samples};
  if (data_.streamed()) {
    range.first = 0;
    if (!data_.stream().started()) start_pass();
    const Clock::time_point start = Clock::now();
    range.count = data_.stream().fill(options_.batch_size);
    history_.data_seconds += seconds_since(start);
  } else {
    range.count = std::min(options_.batch_size, data_.training().size() - cursor_.position);
  }
  if (range.count <= 0) return std::nullopt;
  return range;
}

}  // namespace batchwise
