// LearningRateScheduler: a learning rate per epoch, by a function.
#include <cmath>

#include <batchwise/callbacks.h>
#include <batchwise/error.h>

#include "training/callbacks/python_float.h"

namespace batchwise {

LearningRateScheduler::LearningRateScheduler(std::function<double(int64_t, double)> schedule, int verbose)
    : schedule_(std::move(schedule)), verbose_(verbose) {
  require(schedule_ != nullptr, "LearningRateScheduler", "schedule must be a function of epoch and rate. Got none.");
}

void LearningRateScheduler::on_epoch_begin(int64_t epoch, RunControl& run) {
  const double rate = schedule_(epoch, run.learning_rate());
  require(std::isfinite(rate) && rate >= 0, "LearningRateScheduler",
          "the schedule must give a finite rate of at least 0. Got ", rate, " for epoch ", epoch, ".");
  run.set_learning_rate(rate);
  if (verbose_ > 0)
    run.message("Epoch " + std::to_string(epoch + 1) + ": LearningRateScheduler setting learning rate to " +
                python_float(rate) + ".");
}

void LearningRateScheduler::on_epoch_end(int64_t, Logs& logs, RunControl& run) {
  if (!find_log(logs, "learning_rate")) logs.emplace_back("learning_rate", run.learning_rate());
}

}  // namespace batchwise
