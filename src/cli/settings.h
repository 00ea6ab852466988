// What a training run was asked for: from the command line to run.json and back.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <batchwise/config.h>
#include <batchwise/grow_batch.h>
#include <batchwise/training.h>

#include "cli/arguments.h"
#include "cli/data_choice.h"
#include "cli/rule_choice.h"

namespace batchwise {

// What replaces a model file's own compile settings.
struct CompileChoice {
  std::string optimizer, loss, dtype, convolution;
  std::optional<double> learning_rate;
  std::vector<std::string> metrics;
};

struct TrainSettings {
  std::string model;
  DataChoice data;
  std::string validation_data;
  std::vector<std::string> class_names;  // by label, of the data to train on, once it was opened: a run keeps them
  CompileChoice compile;
  RuleChoice rules;
  int64_t batch_size = 32, epochs = 1;
  int64_t memory = 0, lanes = 0, grain = 0;
  int64_t loader_batch = 0, workers = 0;
  std::optional<double> validation_split;
  uint64_t seed = 0;
  bool no_shuffle = false, allow_nan = false, noise_by_layer = false;
  // How the batch size grows; `when` empty: it does not.
  struct Growth {
    std::string when, rule;  // rule empty: that which goes with `when`
    int64_t to = 0, every = 0;
    std::optional<double> by;
  } growth;
  std::string checkpoint_every;  // "30s", "100steps"; empty: at the end of every epoch

  void declare(Arguments& arguments);         // all but model and data
  void declare_shared(Arguments& arguments);  // of them, those that sweep and tune take too
  void declare_speed(Arguments& arguments);   // of them, those that change speed alone: resume takes them
  void declare_checkpoints(Arguments& arguments);
  void take_speed(const TrainSettings& given);    // those of `given` that were given
  void check() const;                             // rules between options
  std::shared_ptr<GrowBatch> grow_batch() const;  // null: the batch size does not grow
  FitOptions fit_options() const;                 // without data, callbacks and folders
  Config config() const;
  static TrainSettings from(const Config& config);
};

// "30s" or "100steps" into the two fields.
void read_checkpoint_interval(const std::string& text, CheckpointOptions& options);

void declare_arithmetic(Arguments& arguments, CompileChoice& choice);

}  // namespace batchwise
