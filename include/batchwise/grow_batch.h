// A batch size that grows while a model trains: by steps, on a plateau, or with the measured noise scale.
#pragma once

#include <cstdint>
#include <string>

#include <batchwise/callbacks.h>
#include <batchwise/config.h>

namespace batchwise {

struct GrowBatchOptions {
  std::string when = "noise";  // "steps", "plateau", "noise"
  int64_t largest = 0;         // must be given: the plan makes room for it before the first step
  double factor = 2;           // of one step; the first has to add a sample at least
  // Of the learning rate, when the batch grows: "auto", "linear", "square_root", "none". Empty: "auto" with the noise
  // scale; "none" by steps and on a plateau, where growth stands in for a falling rate.
  std::string rule;
  int64_t every_samples = 0;  // steps: 0: every epoch
  // plateau, as ReduceLROnPlateau
  std::string monitor = "val_loss", mode = "auto";
  double min_delta = 1e-4;
  int64_t patience = 3;
  double share = 1;  // noise: the batch grows to at most this share of the noise scale
};

// Give it to fit. Exact through a resume: the batch size is part of what it remembers.
class GrowBatch : public Callback {
 public:
  explicit GrowBatch(GrowBatchOptions options);
  void on_plan(const Plan& plan) override;
  // What on_train_begin would refuse of this optimizer, before there is a run.
  void check(const Spec& optimizer) const;
  void on_train_begin(const RunFacts& facts, RunControl& run) override;
  void on_train_batch_end(int64_t step, const Logs& logs, RunControl& run) override;
  void on_epoch_end(int64_t epoch, Logs& logs, RunControl& run) override;
  bool reads_noise_scale() const override { return options_.when == "noise"; }
  int64_t largest_batch_size() const override { return options_.largest; }
  std::string state() const override;
  void restore(const std::string& state) override;
  std::string name() const override { return "GrowBatch"; }

 private:
  void check_rule(const Spec& optimizer, bool has_schedule) const;
  int64_t grown() const;  // the batch size after one more step
  void grow(RunControl& run, int64_t at_most, const std::string& why);

  GrowBatchOptions options_;
  Monitor monitor_;
  std::string optimizer_;
  int64_t epochs_ = 0;  // of the run
  int64_t batch_size_ = 0, next_samples_ = 0, looked_at_ = 0, wait_ = 0;
  double best_;
  bool restored_ = false;
};

}  // namespace batchwise
