// The sessions of a run: one at a time, another when the batch size changes.
#include <algorithm>
#include <utility>

#include <batchwise/error.h>

#include "training/fit_loop.h"

namespace batchwise {

// A batch size that a callback will set is refused now, not in the middle of the run.
void FitLoop::plan_largest() {
  int64_t largest = 0;
  observers_.each([&](Callback& c) { largest = std::max(largest, c.largest_batch_size()); });
  if (largest <= options_.batch_size) return;
  RunData data = data_.at(largest);
  largest_peak_ = blueprint(data)->plan().peak_bytes;
}

void FitLoop::open_session(std::unique_ptr<Blueprint> blueprint) {
  data_.open();
  session_ = std::make_unique<Session>(sized_, std::move(blueprint), options_.seed, options_.allow_nan);
  if (!options_.profile) return;
  if (!profile_) profile_.emplace();
  profile_->opened(*session_);
}

void FitLoop::set_batch_size(int64_t batch_size, const std::string& why) {
  require(batch_size >= 1, "fit", "batch_size must be at least 1. Got ", batch_size, ".");
  require(options_.shuffle != Shuffle::WithinBatches, "fit",
          "batches that are shuffled as a whole have one size: the batch size cannot be changed in the run. Got ",
          batch_size, ".");
  if (batch_size == options_.batch_size) return;
  RunData data = data_.at(batch_size);
  std::unique_ptr<Blueprint> made = blueprint(data);
  if (data_.streamed() && data_.stream().started()) {
    mark();  // it knows the pass by its first sample, the next one begins later
    even_ = data_.stream().even();
  }
  const int64_t before = options_.batch_size;
  exchange_session([&] {
    data_ = std::move(data);
    options_.batch_size = batch_size;
    return std::move(made);
  });
  if (beginning_) return;
  const RunProgress now = progress();
  observers_.each([&](Callback& c) { c.on_batch_size(now, before, why); });
}

void FitLoop::with_copy(const std::function<void(Model&)>& work) {
  exchange_session([&] {
    Model copy = model_.copy();
    work(copy);
    return blueprint(data_);
  });
}

// Never two sessions at once: that would be twice the memory. `between` runs while there is none.
void FitLoop::exchange_session(const std::function<std::unique_ptr<Blueprint>()>& between) {
  const Update& update = session_->update();
  const int64_t iterations = update.iterations();
  const double position = update.schedule_position();
  const double rate = update.optimizer().schedule() ? 0.0 : update.learning_rate();
  if (profile_) profile_->closes(*session_);
  session_->finish();
  session_.reset();
  std::unique_ptr<Blueprint> made = between();
  if (made->plan().peak_bytes > history_.plan.peak_bytes) history_.plan = made->plan();
  open_session(std::move(made));
  session_->update().restore_counters(iterations, position, rate);
  session_->update().set_schedule_step(static_cast<double>(options_.batch_size) / static_cast<double>(schedule_batch_));
}

}  // namespace batchwise
