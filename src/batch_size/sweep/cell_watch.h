// What a cell of a sweep tells while it trains: where it stood at the end of every epoch, over resumes too.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <utility>

#include <batchwise/callback.h>
#include <batchwise/plan.h>
#include <batchwise/sweep.h>

namespace batchwise {

// Fills plan and epochs of the cell, which must outlive it. Stops after `samples` of training (0: never). Throws
// Error(Input) when the logs do not have `metric` ("": any will do).
class CellWatch final : public Callback {
 public:
  CellWatch(SweepCell& cell, int64_t samples, std::string metric)
      : cell_(cell), samples_(samples), metric_(std::move(metric)) {}

  void on_plan(const Plan& plan) override;
  void on_train_begin(const RunFacts&, RunControl&) override;
  void on_train_batch_end(int64_t step, const Logs&, RunControl& run) override;
  void on_test_begin(const RunFacts&) override;
  void on_test_end(const Logs&) override;
  void on_epoch_end(int64_t epoch, Logs& logs, RunControl& run) override;
  std::string state() const override;
  void restore(const std::string& state) override;
  std::string name() const override { return "CellWatch"; }

 private:
  SweepCell& cell_;
  int64_t samples_;
  std::string metric_;
  bool restored_ = false;
  double validating_ = 0;  // seconds
  std::chrono::steady_clock::time_point validation_began_;
};

}  // namespace batchwise
