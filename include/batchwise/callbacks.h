// The callbacks that come with batchwise, with Keras's arguments and meaning. Give them to fit as
// std::make_shared<batchwise::EarlyStopping>(batchwise::EarlyStoppingOptions{.monitor = "val_loss", .patience = 3}).
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <batchwise/callback.h>

namespace batchwise {

// A watched value and which way is better: "min", "max", or "auto", which takes max for accuracies, AUC and the like.
class Monitor {
 public:
  Monitor(std::string name, const std::string& mode, double min_delta, std::string_view where);
  const std::string& name() const { return name_; }
  bool better(double value, double than) const;  // by more than min_delta
  double worst() const;                          // what every number is better than
  // The value in `logs`; nothing, and a message, when it is missing.
  std::optional<double> value(const Logs& logs, RunControl& run) const;

 private:
  std::string name_, where_;
  bool larger_;
  double min_delta_;
};

struct EarlyStoppingOptions {
  std::string monitor = "val_loss";
  double min_delta = 0;
  int64_t patience = 0;  // epochs without improvement before stopping
  std::string mode = "auto";
  std::optional<double> baseline = {};  // must be beaten as well for waiting to start anew
  bool restore_best_weights = false;
  int64_t start_from_epoch = 0;
  int verbose = 0;
};

// The best weights go into checkpoints, so that a run continued restores the same.
class EarlyStopping : public Callback {
 public:
  explicit EarlyStopping(EarlyStoppingOptions options = {});
  void on_train_begin(const RunFacts& facts, RunControl& run) override;
  void on_epoch_end(int64_t epoch, Logs& logs, RunControl& run) override;
  void on_train_end(const Logs& logs, RunControl& run) override;
  int64_t memory(int64_t weight_bytes) const override;
  std::string state() const override;
  void restore(const std::string& state) override;
  std::string name() const override { return "EarlyStopping"; }

  int64_t stopped_epoch() const { return stopped_epoch_; }  // 0: never stopped, as in Keras
  int64_t best_epoch() const { return best_epoch_; }
  double best() const { return best_; }

 private:
  EarlyStoppingOptions options_;
  Monitor monitor_;
  double best_;
  int64_t wait_ = 0, stopped_epoch_ = 0, best_epoch_ = 0;
  std::vector<std::vector<float>> best_weights_;
  bool restored_ = false;
};

struct ModelCheckpointOptions {
  std::string filepath;  // "model-{epoch:02d}-{val_loss:.2f}.keras"; epochs count from 1
  std::string monitor = "val_loss";
  bool save_best_only = false;
  bool save_weights_only = false;  // filepath must end in .weights.h5, else in .keras
  std::string mode = "auto";
  int64_t save_freq = 0;                               // 0: every epoch; else batches
  std::optional<double> initial_value_threshold = {};  // the best so far
  int verbose = 0;
};

// Unlike Keras's, remembers the best over a resume, and files are replaced whole or not at all.
class ModelCheckpoint : public Callback {
 public:
  explicit ModelCheckpoint(ModelCheckpointOptions options);
  void on_epoch_begin(int64_t epoch, RunControl& run) override;
  void on_train_batch_end(int64_t step, const Logs& logs, RunControl& run) override;
  void on_epoch_end(int64_t epoch, Logs& logs, RunControl& run) override;
  std::string state() const override;
  void restore(const std::string& state) override;
  std::string name() const override { return "ModelCheckpoint"; }
  double best() const { return best_; }

 private:
  void save(int64_t epoch, int64_t batch, const Logs& logs, RunControl& run);

  ModelCheckpointOptions options_;
  Monitor monitor_;
  double best_;
  int64_t epoch_ = 0, batches_since_ = 0;
};

// Fills in "{epoch}", "{epoch:02d}", "{val_loss:.2f}" and such, as Python's format does with these forms. Throws for
// names that are not known and forms that it does not know.
std::string format_path(const std::string& pattern, int64_t epoch, const Logs& logs);

struct ReduceLROnPlateauOptions {
  std::string monitor = "val_loss";
  double factor = 0.1;
  int64_t patience = 10;
  std::string mode = "auto";
  double min_delta = 1e-4;
  int64_t cooldown = 0;
  double min_lr = 0;
  int verbose = 0;
};

// Adds "learning_rate" to the logs.
class ReduceLROnPlateau : public Callback {
 public:
  explicit ReduceLROnPlateau(ReduceLROnPlateauOptions options = {});
  void on_train_begin(const RunFacts& facts, RunControl& run) override;
  void on_epoch_end(int64_t epoch, Logs& logs, RunControl& run) override;
  std::string state() const override;
  void restore(const std::string& state) override;
  std::string name() const override { return "ReduceLROnPlateau"; }

 private:
  ReduceLROnPlateauOptions options_;
  Monitor monitor_;
  double best_;
  int64_t wait_ = 0, cooldown_counter_ = 0;
  bool restored_ = false;
};

// Sets the learning rate of every epoch to schedule(epoch, rate so far). Adds "learning_rate" to the logs.
class LearningRateScheduler : public Callback {
 public:
  explicit LearningRateScheduler(std::function<double(int64_t epoch, double rate)> schedule, int verbose = 0);
  void on_epoch_begin(int64_t epoch, RunControl& run) override;
  void on_epoch_end(int64_t epoch, Logs& logs, RunControl& run) override;
  std::string name() const override { return "LearningRateScheduler"; }

 private:
  std::function<double(int64_t, double)> schedule_;
  int verbose_;
};

struct CSVLoggerOptions {
  std::string filename;
  std::string separator = ",";
  bool append = false;
};

// A row per epoch: "epoch", then the sorted names of the logs. In a run continued from a checkpoint the file goes on
// after the last epoch that the checkpoint has seen: the result is that of a run never interrupted.
class CSVLogger : public Callback {
 public:
  explicit CSVLogger(CSVLoggerOptions options);
  ~CSVLogger() override;
  void on_train_begin(const RunFacts& facts, RunControl& run) override;
  void on_epoch_end(int64_t epoch, Logs& logs, RunControl& run) override;
  void on_train_end(const Logs& logs, RunControl& run) override;
  std::string state() const override;
  void restore(const std::string& state) override;
  std::string name() const override { return "CSVLogger"; }

 private:
  void write(const std::string& text);
  void close();

  CSVLoggerOptions options_;
  std::vector<std::string> keys_;
  int file_ = -1;
  int64_t bytes_ = 0;  // of the file, after the last row
  bool header_needed_ = true;
  bool restored_ = false;
};

struct TerminateOnNaNOptions {
  bool raise_error = false;
};

// Stops when the loss of a batch is NaN or infinite.
class TerminateOnNaN : public Callback {
 public:
  explicit TerminateOnNaN(TerminateOnNaNOptions options = {});
  void on_train_batch_end(int64_t step, const Logs& logs, RunControl& run) override;
  std::string name() const override { return "TerminateOnNaN"; }

 private:
  TerminateOnNaNOptions options_;
};

// Functions in place of a class: those that are set are called.
class LambdaCallback : public Callback {
 public:
  std::function<void(const RunFacts&, RunControl&)> train_begin;
  std::function<void(int64_t epoch, RunControl&)> epoch_begin;
  std::function<void(int64_t step, const Logs&, RunControl&)> train_batch_end;
  std::function<void(int64_t epoch, Logs&, RunControl&)> epoch_end;
  std::function<void(const Logs&, RunControl&)> train_end;

  void on_train_begin(const RunFacts& facts, RunControl& run) override;
  void on_epoch_begin(int64_t epoch, RunControl& run) override;
  void on_train_batch_end(int64_t step, const Logs& logs, RunControl& run) override;
  void on_epoch_end(int64_t epoch, Logs& logs, RunControl& run) override;
  void on_train_end(const Logs& logs, RunControl& run) override;
  std::string name() const override { return "LambdaCallback"; }
};

}  // namespace batchwise
