// events.jsonl: the events of a run kept in its folder, exact over a resume.
#pragma once

#include <cstdint>
#include <string>

#include <batchwise/callback.h>
#include <batchwise/config.h>

#include "report/step_curve.h"

namespace batchwise {

// A checkpoint remembers the length of the file and the epoch's points: lines of steps that will be made again are cut
// at a resume.
// Nothing is written before on_train_begin. Errors of writing are of kind Run.
class EventLog final : public Callback {
 public:
  explicit EventLog(std::string path) : path_(std::move(path)) {}
  ~EventLog() override;
  EventLog(const EventLog&) = delete;
  EventLog& operator=(const EventLog&) = delete;

  void append(const Config& event);  // REQUIRES: on_train_begin was called

  void on_plan(const Plan& plan) override;
  void on_train_begin(const RunFacts&, RunControl&) override;
  void on_epoch_begin(int64_t epoch, RunControl&) override;
  void on_train_batch_end(int64_t step, const Logs& logs, RunControl&) override;
  void on_batch_size(const RunProgress& now, int64_t before, const std::string& why) override;
  void on_epoch_end(int64_t epoch, Logs& logs, RunControl&) override;
  std::string state() const override;
  void restore(const std::string& state) override;
  std::string name() const override { return "EventLog"; }

 private:
  std::string path_;
  Config plan_;
  int descriptor_ = -1;
  int64_t bytes_ = 0;
  StepCurve steps_;  // of this epoch
};

// The last line of an event log when it is an end event, else "".
std::string end_line(const std::string& path);

}  // namespace batchwise
