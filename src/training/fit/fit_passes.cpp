// What a run reads: passes over the data, and the samples of the next batch.
#include <algorithm>
#include <utility>

#include "training/fit/fit_loop.h"

namespace batchwise {

template <class Work>
auto FitLoop::wait_for_data(const Work& work) {
  const int64_t begin = WorkClock::now();
  const auto found = work();
  history_.data_seconds += 1e-9 * static_cast<double>(WorkClock::now() - begin);
  if (profile_) session_->work_kinds()->clock().add_to_all(WorkKinds::kWaitForData, begin);
  return found;
}

void FitLoop::start_pass() {
  if (!data_.streamed()) return;
  int64_t most = data_.samples_in_pass() < 0 ? kUnknown : data_.samples_in_pass() - cursor_.position;
  if (const int64_t steps = options_.steps_per_epoch; steps > 0)
    most = std::max<int64_t>(0, (options_.epochs - cursor_.epoch) * steps - cursor_.step) * options_.batch_size;
  if (cursor_.epoch >= options_.epochs) most = 0;
  data_.stream().start(cursor_.pass, cursor_.position, most, std::exchange(even_, false));
}

void FitLoop::next_pass() {
  cursor_.pass += 1;
  cursor_.position = 0;
  pass_ended_ = false;
  if (cursor_.epoch < options_.epochs) start_pass();
}

void FitLoop::ran_dry() {
  require(cursor_.updates > 0, "fit", "the data must give samples. Got none, though they were asked for: see what ",
          given_.describe(), " leaves out.");
  observers_.message(
      "Your input ran out of data; interrupting training. Make sure that the data has at least `steps_per_epoch * "
      "epochs` batches, and that it can be gone through once in every epoch.");
  stopped_ = true;
}

// As Keras: the epochs go on.
void FitLoop::end_early() {
  observers_.message(error_detail::sentence(
      "fit", "Your input ran out of data; this epoch ends after ", cursor_.step, " of ", options_.steps_per_epoch,
      " steps, and the next one goes through the data anew. Make sure that the data has at least `steps_per_epoch * "
      "epochs` batches, or repeat() it."));
  pass_ended_ = true;
}

bool FitLoop::more() {
  if (!data_.streamed()) return cursor_.position < data_.training().size();
  if (!data_.stream().started()) start_pass();
  return wait_for_data([&] { return data_.stream().more(); });
}

std::optional<BatchRange> FitLoop::next_range() {
  BatchRange range{&data_.training(), order_ ? &*order_ : nullptr, cursor_.pass, cursor_.position, 0, cursor_.samples};
  if (data_.streamed()) {
    range.first = 0;
    if (!data_.stream().started()) start_pass();
    range.count = wait_for_data([&] { return data_.stream().fill(options_.batch_size); });
  } else {
    range.count = std::min(options_.batch_size, data_.training().size() - cursor_.position);
  }
  if (range.count <= 0) return std::nullopt;
  return range;
}

}  // namespace batchwise
