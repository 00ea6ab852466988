// How a tune begins: what is held in memory, how much is looked at, and how good the model is as it was given.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/number_text.h"
#include "batch_size/tune/standings.h"
#include "batch_size/tune/tune_run.h"
#include "data/resident.h"
#include "training/fit/model_plan.h"

namespace batchwise {
namespace {

constexpr double kLooksShare = 0.15;   // of the time
constexpr int64_t kFewToLookAt = 256;  // samples
constexpr double kLookShare = 0.01;    // of the time: a whole look so short is timed as it is
constexpr int64_t kLooksOfARacer = 5;  // about, over all rounds

}  // namespace

// Every racer is looked at several times: where all samples held out would take most of the time, fewer are compared
// on.
void TuneRun::shorten_looks() {
  if (result_.look_every == 0) {
    result_.look_every = 1;
    const int64_t rows = parts_.holdout.has_rows() ? parts_.holdout.size() : 0;
    if (options_.seconds > 0 && rows > kFewToLookAt) {
      const double before = seconds();
      measure(model_, parts_.holdout.take(kFewToLookAt), options_.fit);
      double look = (seconds() - before) * static_cast<double>(rows) / static_cast<double>(kFewToLookAt);
      if (look < kLookShare * options_.seconds) {  // at most: making ready is in it as often as there are few samples
        const double whole = seconds();
        measure(model_, parts_.holdout, options_.fit);
        look = seconds() - whole;
      }
      const auto racers = static_cast<double>(kRatesOfASize * static_cast<int64_t>(sizes().size()));
      const double share = racers * static_cast<double>(kLooksOfARacer) * look / (kLooksShare * options_.seconds);
      result_.look_every = std::clamp<int64_t>(static_cast<int64_t>(std::ceil(share)), 1, rows / kFewToLookAt);
    }
    if (result_.look_every > 1)
      say("comparing on " + grouped_digits(rows / result_.look_every) + " of the " + grouped_digits(rows) +
          " samples held out: there is no time to look at all of them");
  }
  if (result_.look_every > 1) parts_.holdout = parts_.holdout.shard(result_.look_every, 0);
}

// Every leg would read samples from files, or decode them, again. Held for all of them, where the budget has room
// beside the largest size.
void TuneRun::hold_in_memory() {
  const std::array<Dataset*, 2> parts = {&parts_.train, &parts_.holdout};
  const auto room = [&](int64_t bytes) {
    DecodedRoom decoded(bytes, kUnknown);
    for (const Dataset* part : parts) part->stage()->hold_decoded(decoded);
    return decoded;
  };
  const bool files = std::all_of(parts.begin(), parts.end(), [](const Dataset* part) { return worth_holding(*part); });
  if (!files && room(std::numeric_limits<int64_t>::max()).empty()) return;
  Plan plan;
  try {
    plan = plan_of(model_,
                   {.batch_size = sizes().back(),
                    .memory = options_.fit.memory,
                    .lanes = options_.fit.lanes,
                    .grain = options_.fit.grain,
                    .data = &parts_.train},
                   false);
  } catch (const BudgetError&) { return; }
  if (files) {
    const int64_t held = stored_bytes(parts_.train) + stored_bytes(parts_.holdout);
    if (!room_to_hold(held, plan.peak_bytes, plan.budget_bytes)) return;
    for (Dataset* part : parts) *part = resident(*part);
    measure_->hold(held);
    return;
  }
  decoded_ = room(room_for_decoded(plan.peak_bytes, plan.budget_bytes, options_.fit.memory > 0));
  decoded_.open();
  measure_->hold(decoded_.bytes());
}

void TuneRun::begin() {
  shorten_looks();
  const Logs logs = measure(model_, parts_.holdout, options_.fit);
  require(find_log(logs, options_.metric) != nullptr, "tune",
          "the metric must be the loss, or one that the model is compiled with. Got \"", options_.metric, "\".");
  first_loss_ = *find_log(logs, "loss");
  first_score_ = *find_log(logs, options_.metric);
  if (!std::isfinite(first_loss_))
    fail_run("tune", "the loss of the model as it was given must be finite, before any training. Got ", first_loss_,
             ": look for NaN or infinity in the data (batchwise inspect) and in the weights.");
  require(!options_.reach || better_score(options_.metric, *options_.reach, first_score_), "tune",
          "the value to reach must be one that the model has not reached yet. Got ", options_.metric, " ",
          options_.reach.value_or(0), ", and it begins with ", first_score_, ".");
}

}  // namespace batchwise
