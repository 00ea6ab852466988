// The sessions of a run: one at a time, another when the batch size changes; and the profile that is taken of them.
#include <algorithm>
#include <utility>

#include <batchwise/error.h>

#include "training/cut_profile.h"
#include "training/fit_loop.h"

namespace batchwise {

// A batch size that a callback will set is refused now, not in the middle of the run.
void FitLoop::plan_largest() {
  int64_t largest = 0;
  observers_.each([&](Callback& c) { largest = std::max(largest, c.largest_batch_size()); });
  if (largest <= options_.batch_size) return;
  const int64_t stated = std::exchange(options_.batch_size, largest);
  try {
    largest_peak_ = blueprint(samples_.rows())->plan().peak_bytes;
  } catch (...) {
    options_.batch_size = stated;
    throw;
  }
  options_.batch_size = stated;
}

void FitLoop::open_session(std::unique_ptr<Blueprint> blueprint) {
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
  const int64_t before = std::exchange(options_.batch_size, batch_size);
  std::optional<Samples> streamed;
  std::unique_ptr<Blueprint> made;
  try {
    if (samples_.streamed()) {
      mark();  // it knows the pass by its first sample, the next one begins later
      even_ = samples_.stream().even();
      streamed.emplace(model_, given_, batch_size, true);
      std::swap(*streamed, samples_);
    }
    made = blueprint(streamed ? samples_.rows() : whole_);
  } catch (...) {
    options_.batch_size = before;
    if (streamed) std::swap(*streamed, samples_);
    throw;
  }
  exchange_session([&] { return std::move(made); });
  pass_stale_ = true;
  if (beginning_) return;
  const RunProgress now = progress();
  observers_.each([&](Callback& c) { c.on_batch_size(now, before, why); });
}

void FitLoop::with_copy(const std::function<void(Model&)>& work) {
  exchange_session([&] {
    Model copy = model_.copy();
    work(copy);
    return blueprint(whole_);
  });
}

// Never two sessions at once: that would be twice the memory. `between` runs while there is none.
void FitLoop::exchange_session(const std::function<std::unique_ptr<Blueprint>()>& between) {
  const Update& update = session_->update();
  const int64_t iterations = update.iterations();
  const double position = update.schedule_position();
  const double rate = update.optimizer().schedule() ? 0.0 : update.learning_rate();
  session_->finish();
  if (profile_) profile_->closes(*session_);
  session_.reset();
  std::unique_ptr<Blueprint> made = between();
  if (made->plan().peak_bytes > history_.plan.peak_bytes) history_.plan = made->plan();
  open_session(std::move(made));
  session_->update().restore_counters(iterations, position, rate);
  session_->update().set_schedule_step(static_cast<double>(options_.batch_size) / static_cast<double>(schedule_batch_));
}

}  // namespace batchwise
