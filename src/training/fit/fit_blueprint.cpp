// What a run asks the plan for: its data and how they are held, its validation, its callbacks.
#include <algorithm>
#include <utility>

#include "data/resident.h"
#include "training/fit/fit_loop.h"
#include "training/samples/pipeline_report.h"

namespace batchwise {

// Data that is a small part of the budget is held in memory: reading it again from files would only cost time. Decoded
// samples take what is left.
std::unique_ptr<Blueprint> FitLoop::chosen_blueprint() {
  std::unique_ptr<Blueprint> made = blueprint(data_);
  const auto peak = [&] { return std::max(made->plan().peak_bytes, largest_peak_); };
  if (const Dataset& whole = data_.whole();
      !data_.streamed() && worth_holding(whole) && room_to_hold(stored_bytes(whole), peak(), made->plan().budget_bytes))
    try {
      made.reset();
      RunData held = data_.held();
      made = blueprint(held);
      data_ = std::move(held);
    } catch (const BudgetError&) { made = blueprint(data_); }
  hold_decoded(peak(), made->plan().budget_bytes);
  if (!decoded_.empty()) {
    made.reset();
    made = blueprint(data_);
  }
  made->explain(pipeline_words(data_.samples()));
  made->explain(decoded_words(decoded_));
  return made;
}

void FitLoop::hold_decoded(int64_t peak, int64_t budget) {
  const int64_t samples = data_.samples_in_pass();
  decoded_ = DecodedRoom(room_for_decoded(peak, budget, options_.memory > 0), data_.samples_read());
  data_.hold_decoded(decoded_);
  const bool again = options_.epochs - options_.initial_epoch > 1 || samples == kInfinite || samples > decoded_.rows();
  if (!again) decoded_ = DecodedRoom();
}

void FitLoop::tell_of_given_way() {
  if (decoded_.empty() || decoded_.bytes() > 0) return;
  decoded_ = DecodedRoom();
  observers_.message(
      "[data] decoded samples are held no longer, because an image needed their memory: later epochs decode them "
      "again. "
      "A larger --memory has room for both.");
}

// What the budget has no room for is done without, in this order: decoded samples that are held; where the next batch
// of a stream does not fit beside the one in use, it is read between two steps.
std::unique_ptr<Blueprint> FitLoop::blueprint(RunData& data) {
  try {
    return blueprint_of(data);
  } catch (const BudgetError&) {
    if (decoded_.empty() && !data.reads_ahead()) throw;
  }
  if (!decoded_.empty()) {
    DecodedRoom held = std::exchange(decoded_, DecodedRoom());
    try {
      return blueprint(data);
    } catch (...) {
      decoded_ = std::move(held);
      throw;
    }
  }
  RunData between_steps = data.at(data.batch_size(), false);
  std::unique_ptr<Blueprint> made = blueprint_of(between_steps);
  data = std::move(between_steps);
  return made;
}

std::unique_ptr<Blueprint> FitLoop::blueprint_of(const RunData& data) {
  SessionRequest request;
  data.asks(request);
  request.training = true;
  request.grain = options_.grain;
  observers_.each([&](Callback& c) { request.least_grains = c.reads_noise_scale() ? 2 : request.least_grains; });
  request.budget = options_.memory;
  request.lanes = options_.lanes;
  request.noise_scale = options_.noise_scale || options_.noise_scale_by_layer;
  request.noise_scale_by_layer = options_.noise_scale_by_layer;
  request.profile = options_.profile;
  request.callback_bytes = observers_.memory(model_.num_parameters() * 4);
  request.pipeline_bytes += decoded_.bytes();
  request.pipeline_spare += decoded_.bytes();
  // A batch size that was planned for before the first step fits in the middle of the run, whatever the process holds
  // by then.
  request.library = library_;
  auto made = std::make_unique<Blueprint>(sized_, std::move(request));
  library_ = made->library();
  return made;
}

}  // namespace batchwise
