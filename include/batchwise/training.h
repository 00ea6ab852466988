// Compiling, fitting, evaluating, predicting: the options and what comes back.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <batchwise/callback.h>
#include <batchwise/config.h>
#include <batchwise/dataset.h>
#include <batchwise/plan.h>
#include <batchwise/profile.h>

namespace batchwise {

class Model;

// Loss, metrics and optimizer by Keras name or Spec. Per-output lists follow the order of the model's outputs; maps go
// by the outputs' names, and become lists when the model is compiled. An empty Spec is no loss.
struct CompileOptions {
  Spec optimizer = "RMSprop";
  Spec loss;                                               // for every output
  std::vector<Spec> losses;                                // per output, instead of `loss`
  std::vector<double> loss_weights;                        // per output; empty: all 1
  std::vector<Spec> metrics;                               // "accuracy", "mae", ...: for every output
  std::vector<std::vector<Spec>> output_metrics;           // per output, instead of `metrics`
  std::vector<Spec> weighted_metrics;                      // those that take sample weights
  std::vector<std::vector<Spec>> output_weighted_metrics;  // per output, instead of `weighted_metrics`

  std::map<std::string, Spec> loss_by_output;                                              // names every output
  std::map<std::string, double> loss_weight_by_output;                                     // the others: 1
  std::map<std::string, std::vector<Spec>> metrics_by_output, weighted_metrics_by_output;  // the others: none
};

enum class Shuffle { No, Yes, WithinBatches };

// Where and how often the state of a run is kept. A run continued from a checkpoint ends with the same bits.
struct CheckpointOptions {
  std::string directory;     // empty: no checkpoints
  double every_seconds = 0;  // 0: not by time
  int64_t every_steps = 0;   // 0: not by steps. With both 0: at the end of every epoch
  bool resume = false;       // continue from the newest valid checkpoint, when there is one
  // A resume whose image files have other sizes or times of change than those the run began with is refused, unless
  // they are said to be the same: copied, or moved to another machine. Then a message tells of it.
  bool allow_changed_files = false;
};

struct FitOptions {
  int64_t batch_size = 32;  // samples per weight update
  int64_t epochs = 1;
  int64_t initial_epoch = 0;
  int64_t memory = 0;  // budget in bytes; 0: found from cgroup, RLIMIT and free memory
  int lanes = 0;       // 0: one per core that this process may use
  int64_t grain = 0;   // 0: chosen from model and batch size
  uint64_t seed = 0;
  Shuffle shuffle = Shuffle::Yes;
  double validation_split = 0;  // the end of the data, before any shuffle
  Dataset validation_data;
  int64_t validation_batch_size = 0;  // 0: batch_size. Matters to validation_steps, and to losses that are no means
  int64_t validation_freq = 1;
  int64_t validation_steps = 0;            // 0: all; counted in validation batches
  int64_t steps_per_epoch = 0;             // 0: all; a finite data set goes on where the last epoch ended
  std::map<int64_t, double> class_weight;  // label -> weight
  std::vector<std::shared_ptr<Callback>> callbacks;
  int verbose = 1;  // 0 silent, 1 progress bar, 2 a line per epoch
  bool allow_nan = false;
  CheckpointOptions checkpoint;
  bool noise_scale = true;            // measured as it goes; changes no weight
  bool noise_scale_by_layer = false;  // of every weight as well
  bool profile = false;               // where the time goes, into History::profile
  const std::atomic<bool>* interrupt =
      nullptr;  // when it becomes true: a checkpoint, then an Error of kind Interrupted
};

struct EvaluateOptions {
  int64_t batch_size = 0;  // 0: 32. Matters to `steps`, and to losses that are no means over samples
  int64_t memory = 0;
  int lanes = 0;
  int64_t steps = 0;  // 0: all
  int verbose = 0;
  std::vector<std::shared_ptr<Callback>> callbacks;
  bool allow_nan = false;
};

struct PredictOptions {
  int64_t batch_size = 0;  // accepted as in Keras; results do not depend on it
  int64_t memory = 0;
  int lanes = 0;
  int verbose = 0;
  std::vector<std::shared_ptr<Callback>> callbacks;
  bool allow_nan = false;
};

// What fit returns. `history` has Keras's keys in Keras's order.
struct History {
  std::vector<int64_t> epoch;
  std::vector<std::pair<std::string, std::vector<double>>> history;
  const std::vector<double>& operator[](const std::string& key) const;  // throws naming the known keys
  Plan plan;
  double samples_per_second = 0;     // of training steps, the first excluded
  std::vector<StageFacts> pipeline;  // what the stages that work ahead measured, and the lanes where they read
  double data_seconds = 0;           // that training waited for samples
  std::vector<std::optional<NoiseScale>> noise_scale;  // at the end of every epoch of this call
  std::vector<std::pair<std::string, std::optional<NoiseScale>>> noise_scale_by_layer;  // by path of the weight
  std::vector<RunProgress> progress;                                                    // at the end of every epoch
  std::optional<Profile> profile;                                                       // when it was asked for
};

// The optimizer's variables between sessions, in canonical order: Keras's optimizer.variables without the learning
// rate.
struct OptimizerState {
  int64_t iterations = 0;
  double learning_rate = 0;                                       // as changed by callbacks; schedules ignore it
  uint64_t samples = 0;                                           // trained on so far: addresses dropout. Not in files
  std::vector<std::pair<std::string, std::vector<float>>> slots;  // Keras's order, see Optimizer::slots
  std::string left_out;  // why the state of a file was not taken: fit begins anew, and tells its callbacks
};

// A loop of one's own. Batches of any size add up to one update, weighted by true sample counts.
class Trainer {
 public:
  explicit Trainer(Model& model, const FitOptions& options = {});
  ~Trainer();
  Trainer(Trainer&&) noexcept;
  Trainer& operator=(Trainer&&) noexcept;

  Logs accumulate(const Batch& batch);  // losses and metrics of this batch
  int64_t samples() const;              // accumulated since the last apply
  void apply();                         // one weight update; REQUIRES: samples() > 0
  void discard();                       // forgets what was accumulated
  void finish();                        // gives the weights back to the model, as the destructor does

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// A model that stays ready to predict: planned, with its weights in the kernels' layouts, so that one sample costs what
// its arithmetic costs. Gives the same bits as Model::predict. Holds the model's weights until finish() or its end:
// nothing else may use them. One thread at a time.
class Predictor {
 public:
  explicit Predictor(const Model& model, const PredictOptions& options = {});
  ~Predictor();
  Predictor(Predictor&&) noexcept;
  Predictor& operator=(Predictor&&) noexcept;

  // Any number of samples: it is planned for calls of options.batch_size, or as many as the first call has, and slower
  // for others. Shapes and element types are those of the first call.
  Array predict(const Array& x);  // REQUIRES: one output
  std::vector<Array> predict_outputs(const Dataset& data);
  void finish();  // gives the weights back to the model, as the destructor does

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace batchwise
