// What a run tells about itself, and where users hook in: Keras's callback methods, plus the plan and messages.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace batchwise {

struct Plan;
class Model;
class RunControl;

// Names and values in Keras's order.
using Logs = std::vector<std::pair<std::string, double>>;
const double* find_log(const Logs& logs, const std::string& name);

// How many samples it takes until the noise of a gradient is as large as the gradient: tr(covariance of the samples'
// gradients) / |gradient|^2. Batches far below it are noisy, batches far above it waste samples. Of the recent updates,
// the newer the heavier; the bounds are those of a 95 % confidence interval.
struct NoiseScale {
  double value = 0, low = 0, high = 0;  // samples
  double spread = 0, gradient = 0;      // the two parts: of one sample, and the squared length
  double updates = 0;                   // that it rests on
};

// Where a run stands.
struct RunProgress {
  int64_t epoch = 0;    // counted from 0
  int64_t updates = 0;  // since the beginning of the run
  int64_t samples = 0;
  double seconds = 0;  // spent in epochs, validation included; of a resumed run, with those before
  int64_t batch_size = 0;
  int64_t steps = 0;  // of this epoch, with the batch size as it is now; 0: unknown
};

struct RunFacts {
  int64_t epochs = 0;
  int64_t steps = 0;    // per epoch; 0: unknown
  int64_t samples = 0;  // per epoch
  int64_t batch_size = 0;
  int verbose = 1;
  std::string optimizer;      // "Adam"
  bool has_schedule = false;  // of the learning rate, which then cannot be set
};

// All calls come from the thread that called fit, between steps. An exception thrown from a callback ends the run; the
// model keeps the weights of the last completed step.
class Callback {
 public:
  virtual ~Callback() = default;

  virtual void on_plan(const Plan&) {}
  virtual void on_message(const std::string& /*message*/) {}  // warnings, notes
  virtual void on_train_begin(const RunFacts&, RunControl&) {}
  virtual void on_epoch_begin(int64_t /*epoch*/, RunControl&) {}                  // epochs count from 0
  virtual void on_train_batch_end(int64_t /*step*/, const Logs&, RunControl&) {}  // running averages of the epoch
  // It has changed. `why` is what was said where it was set.
  virtual void on_batch_size(const RunProgress&, int64_t /*before*/, const std::string& /*why*/) {}
  virtual void on_test_begin(const RunFacts&) {}
  virtual void on_test_batch_end(int64_t /*step*/, const Logs&) {}  // some batches may be passed over
  virtual void on_test_end(const Logs&) {}
  virtual void on_epoch_end(int64_t /*epoch*/, Logs& /*logs: may be added to*/, RunControl&) {}
  virtual void on_train_end(const Logs&, RunControl&) {}

  // The largest batch size that it may set: planned for before the first step. 0: it sets none.
  virtual int64_t largest_batch_size() const { return 0; }
  // Batches are then cut into two grains at least, which the noise scale is told from.
  virtual bool reads_noise_scale() const { return false; }
  // Bytes it may hold during fit, given the bytes of all weights: part of the plan.
  virtual int64_t memory(int64_t /*weight_bytes*/) const { return 0; }
  // What the callback must remember over a resume ("" when nothing), any bytes: given back by restore before
  // on_train_begin.
  virtual std::string state() const { return ""; }
  virtual void restore(const std::string& /*state*/) {}
  virtual std::string name() const { return "Callback"; }
};

// What a callback may do to the run. Valid during the call only.
class RunControl {
 public:
  virtual ~RunControl() = default;
  virtual void stop() = 0;  // after the current batch, as stop_training
  virtual double learning_rate() const = 0;
  virtual void set_learning_rate(double rate) = 0;  // throws when the optimizer has a schedule
  virtual RunProgress progress() const = 0;
  virtual std::optional<NoiseScale> noise_scale() const = 0;  // nothing while it is not known well enough
  // From the next batch on. Everything else goes on as a resume with this batch size would. Throws BudgetError, with
  // everything as before, when it does not fit.
  virtual void set_batch_size(int64_t batch_size, const std::string& why) = 0;
  void set_batch_size(int64_t batch_size) { set_batch_size(batch_size, ""); }
  // Calls work with a copy of the model as it is now, optimizer state included, which may be trained and thrown away:
  // the run's own memory is free meanwhile, and afterwards it goes on to the same bits as if nothing had been.
  virtual void with_copy(const std::function<void(Model& copy)>& work) = 0;
  virtual std::vector<std::vector<float>> get_weights() = 0;  // canonical, model.weights order
  virtual void set_weights(const std::vector<std::vector<float>>& weights) = 0;
  virtual void save_model(const std::string& path) = 0;    // .keras, with the optimizer's state
  virtual void save_weights(const std::string& path) = 0;  // .weights.h5
  virtual void message(const std::string& text) = 0;       // to every callback's on_message
};

}  // namespace batchwise
