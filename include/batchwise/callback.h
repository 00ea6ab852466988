// What a run tells about itself, and where users hook in: Keras's callback methods, plus the plan and messages.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace batchwise {

struct Plan;
class RunControl;

// Names and values in Keras's order.
using Logs = std::vector<std::pair<std::string, double>>;
const double* find_log(const Logs& logs, const std::string& name);

struct RunFacts {
  int64_t epochs = 0;
  int64_t steps = 0;    // per epoch; 0: unknown
  int64_t samples = 0;  // per epoch
  int64_t batch_size = 0;
  int verbose = 1;
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
  virtual void on_test_begin(const RunFacts&) {}
  virtual void on_test_batch_end(int64_t /*step*/, const Logs&) {}
  virtual void on_test_end(const Logs&) {}
  virtual void on_epoch_end(int64_t /*epoch*/, Logs& /*logs: may be added to*/, RunControl&) {}
  virtual void on_train_end(const Logs&, RunControl&) {}

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
  virtual void set_learning_rate(double rate) = 0;            // throws when the optimizer has a schedule
  virtual std::vector<std::vector<float>> get_weights() = 0;  // canonical, model.weights order
  virtual void set_weights(const std::vector<std::vector<float>>& weights) = 0;
  virtual void save_model(const std::string& path) = 0;    // .keras, with the optimizer's state
  virtual void save_weights(const std::string& path) = 0;  // .weights.h5
  virtual void message(const std::string& text) = 0;       // to every callback's on_message
};

}  // namespace batchwise
