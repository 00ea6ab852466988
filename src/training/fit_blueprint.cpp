// What a run asks the plan for: its data and how they are held, its validation, its callbacks.
#include <algorithm>
#include <cmath>
#include <utility>

#include "data/resident.h"
#include "training/evaluation.h"
#include "training/fit_loop.h"
#include "training/pipeline_report.h"

namespace batchwise {
void FitLoop::split(const Dataset& whole) {
  data_ = whole;
  if (!options_.validation_data.empty()) {
    if (validation_samples_.empty())
      validation_samples_ = Samples(
          model_, options_.validation_data,
          stream_part(options_.validation_batch_size > 0 ? options_.validation_batch_size : options_.batch_size));
    validation_ = validation_samples_.rows();
    check_columns(sized_, validation_, true);
    return;
  }
  require(options_.validation_split > 0 || options_.validation_steps == 0, "fit",
          "validation_steps needs validation_data or validation_split. Got ", options_.validation_steps, " without.");
  if (options_.validation_split == 0) return;
  require(!samples_.streamed(), "fit", "validation_split needs samples that can be had by number. Got ",
          whole.describe(), ", whose elements come one after another: give validation_data.");
  const int64_t rows = data_.size();
  const int64_t train = static_cast<int64_t>(std::floor(static_cast<double>(rows) * (1 - options_.validation_split)));
  require(train > 0 && train < rows, "fit", "validation_split must leave samples on both sides. Got ",
          options_.validation_split, " of ", rows, " samples.");
  validation_ = data_.slice(train, rows - train);
  data_ = data_.slice(0, train);
}

// Data that is a small part of the budget is held in memory: reading it again from files would only cost time. Decoded
// samples take what is left.
std::unique_ptr<Blueprint> FitLoop::chosen_blueprint(const Dataset& whole) {
  std::unique_ptr<Blueprint> made = blueprint(whole);
  const auto peak = [&] { return std::max(made->plan().peak_bytes, largest_peak_); };
  if (!samples_.streamed() && worth_holding(whole) &&
      room_to_hold(stored_bytes(whole), peak(), made->plan().budget_bytes))
    try {
      made.reset();
      made = blueprint(resident(whole));
    } catch (const BudgetError&) { made = blueprint(whole); }
  hold_decoded(peak(), made->plan().budget_bytes);
  if (!decoded_.empty()) {
    made.reset();
    made = blueprint(Dataset(whole_));
  }
  made->explain(pipeline_words(samples_));
  made->explain(decoded_words(decoded_));
  return made;
}

void FitLoop::hold_decoded(int64_t peak, int64_t budget) {
  decoded_ = DecodedRoom(room_for_decoded(peak, budget, options_.memory > 0), samples_in_pass());
  samples_.hold_decoded(decoded_);
  validation_samples_.hold_decoded(decoded_);
  const bool again = options_.epochs - options_.initial_epoch > 1 || samples_in_pass() == kInfinite ||
                     samples_in_pass() > decoded_.rows();
  if (!again) decoded_ = DecodedRoom();
}

// What the budget has no room for is done without, in this order: decoded samples that are held; where the next batch
// of a stream does not fit beside the one in use, it is read between two steps.
std::unique_ptr<Blueprint> FitLoop::blueprint(const Dataset& whole) {
  try {
    return blueprint_of(whole);
  } catch (const BudgetError&) {
    if (decoded_.empty() && !samples_.reads_ahead()) throw;
  }
  if (!decoded_.empty()) {
    DecodedRoom held = std::exchange(decoded_, DecodedRoom());
    try {
      return blueprint(whole);
    } catch (...) {
      decoded_ = std::move(held);
      throw;
    }
  }
  samples_ = Samples();  // its memory first
  samples_ = Samples(model_, given_, options_.batch_size, false);
  pass_stale_ = true;
  return blueprint_of(samples_.rows());
}

std::unique_ptr<Blueprint> FitLoop::blueprint_of(const Dataset& whole) {
  split(whole);
  whole_ = whole;
  SessionRequest request;
  request.training = true;
  request.inference = !validation_.empty();
  request.inference_batch = options_.validation_batch_size > 0 ? options_.validation_batch_size : options_.batch_size;
  request.batch_size = options_.batch_size;
  request.grain = options_.grain;
  observers_.each([&](Callback& c) { request.least_grains = c.reads_noise_scale() ? 2 : request.least_grains; });
  request.budget = options_.memory;
  request.lanes = options_.lanes;
  request.data = data_;
  request.validation = validation_;
  request.noise_scale = options_.noise_scale || options_.noise_scale_by_layer;
  request.noise_scale_by_layer = options_.noise_scale_by_layer;
  request.profile = options_.profile;
  request.callback_bytes = observers_.memory(model_.num_parameters() * 4);
  request.pipeline_bytes = samples_.streamed() ? samples_.resident_bytes() : whole.source().resident_bytes();
  const bool held = !samples_.streamed() && &whole.source() != &samples_.rows().source();
  request.pipeline_spare = (held ? request.pipeline_bytes : 0) + decoded_.bytes();
  request.pipeline_bytes += decoded_.bytes();
  request.pipeline_ahead = samples_.ahead_bytes();
  if (!validation_samples_.empty() && &validation_samples_.rows().source() != &whole.source()) {
    request.pipeline_bytes += validation_samples_.resident_bytes();
    request.pipeline_ahead += validation_samples_.ahead_bytes();
  }
  // A batch size that was planned for before the first step fits in the middle of the run, whatever the process holds
  // by then.
  request.library = library_;
  auto made = std::make_unique<Blueprint>(sized_, std::move(request));
  library_ = made->library();
  return made;
}

}  // namespace batchwise
