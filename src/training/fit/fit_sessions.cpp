// The sessions of a run: one at a time, another when the batch size changes; and the profile that is taken of them.
#include <algorithm>
#include <utility>

#include <batchwise/error.h>

#include "training/fit/cut_profile.h"
#include "training/fit/fit_loop.h"

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

// What stopped the run is what is told, whatever goes wrong here.
void FitLoop::hand_over_profile() noexcept try {
  if (!profile_) return;
  if (session_) profile_->closes(*session_);
  Profile profile = profile_->finish();
  if (profile.steps == 0) return;
  for (const auto& callback : observers_.all())
    if (auto* cut = dynamic_cast<CutProfile*>(callback.get())) return cut->take(std::move(profile));
} catch (...) {}

void FitLoop::set_batch_size(int64_t batch_size, const std::string& why) {
  require(batch_size >= 1, "fit", "batch_size must be at least 1. Got ", batch_size, ".");
  require(options_.shuffle != Shuffle::WithinBatches, "fit",
          "batches that are shuffled as a whole have one size: the batch size cannot be changed in the run. Got ",
          batch_size, ".");
  if (batch_size == options_.batch_size) return;
  RunData data = data_.at(batch_size);
  std::unique_ptr<Blueprint> made = blueprint(data);
  if (data_.streamed() && data_.stream().started()) {
    record_.look(data_);  // it knows the pass by its first sample, the next one begins later
    even_ = data_.stream().even();
  }
  const int64_t before = options_.batch_size;
  const bool ahead = data_.reads_ahead();
  const auto use = [&](RunData now) {
    data_ = std::move(now);
    options_.batch_size = data_.batch_size();
  };
  exchange_session(
      [&] {
        use(std::move(data));
        return std::move(made);
      },
      [&] { use(data_.at(before, ahead)); });
  if (beginning_) return;
  const RunProgress now = progress();
  observers_.each([&](Callback& c) { c.on_batch_size(now, before, why); });
}

void FitLoop::with_copy(const std::function<void(Model&)>& work) {
  exchange_session(
      [&] {
        {
          const LentRoom lent(decoded_);
          Model copy = model_.copy();
          work(copy);
        }
        return blueprint(data_);
      },
      [] {});
}

Session& FitLoop::session() const {
  if (!session_)
    fail_run("fit",
             "the run must hold its memory for this. Got a call while it is lent to a copy, or after it could not be "
             "taken again.");
  return *session_;
}

// Never two sessions at once: that would be twice the memory. `between` runs while there is none. When it fails, or
// what it plans cannot be opened, the run goes on as before, after `undo`; when not even that can be opened, it is
// over.
void FitLoop::exchange_session(const std::function<std::unique_ptr<Blueprint>()>& between,
                               const std::function<void()>& undo) {
  const Update& update = session().update();
  const int64_t iterations = update.iterations();
  const double position = update.schedule_position();
  const double rate = update.optimizer().schedule() ? 0.0 : update.learning_rate();
  const auto open = [&](std::unique_ptr<Blueprint> made) {
    open_session(std::move(made));
    if (session().plan().peak_bytes > history_.plan.peak_bytes) history_.plan = session().plan();
    session().update().restore_counters(iterations, position, rate);
    session().update().set_schedule_step(static_cast<double>(options_.batch_size) /
                                         static_cast<double>(schedule_batch_));
  };
  try {
    finish();
  } catch (...) {
    session_.reset();  // which tries once more to give everything back
    throw;
  }
  if (profile_) profile_->closes(session());
  session_.reset();
  try {
    open(between());
  } catch (...) {
    undo();
    open(blueprint(data_));
    throw;
  }
}

}  // namespace batchwise
