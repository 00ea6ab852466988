// ModelCheckpoint: saves the model, or its weights, as training goes on.
#include <cstdio>

#include <filesystem>
#include <system_error>

#include <batchwise/callbacks.h>
#include <batchwise/error.h>

#include "training/callbacks/state_text.h"

namespace batchwise {
namespace {

std::string shown(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.5f", value);
  return text;
}

}  // namespace

ModelCheckpoint::ModelCheckpoint(ModelCheckpointOptions options)
    : options_(std::move(options)),
      monitor_(options_.monitor, options_.mode, 0, "ModelCheckpoint"),
      best_(options_.initial_value_threshold.value_or(monitor_.worst())) {
  require(options_.save_freq >= 0, "ModelCheckpoint",
          "save_freq must be a number of batches, or 0 for every epoch. Got ", options_.save_freq, ".");
  const char* ending = options_.save_weights_only ? ".weights.h5" : ".keras";
  require(std::string_view(options_.filepath).ends_with(ending), "ModelCheckpoint", "filepath must end in \"", ending,
          "\"", options_.save_weights_only ? " when only weights are saved" : "", ". Got \"", options_.filepath, "\".");
}

void ModelCheckpoint::on_epoch_begin(int64_t epoch, RunControl&) { epoch_ = epoch; }

void ModelCheckpoint::on_train_batch_end(int64_t step, const Logs& logs, RunControl& run) {
  if (options_.save_freq == 0 || ++batches_since_ < options_.save_freq) return;
  batches_since_ = 0;
  save(epoch_, step, logs, run);
}

void ModelCheckpoint::on_epoch_end(int64_t epoch, Logs& logs, RunControl& run) {
  if (options_.save_freq == 0) save(epoch, -1, logs, run);
}

void ModelCheckpoint::save(int64_t epoch, int64_t batch, const Logs& logs, RunControl& run) {
  const std::string start = "Epoch " + std::to_string(epoch + 1) + ": " + options_.monitor;
  std::optional<double> current;
  if (options_.save_best_only) {
    current = monitor_.value(logs, run);
    if (!current) return;
    if (!monitor_.better(*current, best_)) {
      if (options_.verbose > 0) run.message(start + " did not improve from " + shown(best_));
      return;
    }
  }
  Logs named = logs;
  if (batch >= 0) named.emplace_back("batch", static_cast<double>(batch + 1));
  const std::string path = format_path(options_.filepath, epoch + 1, named);
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  std::error_code error;
  if (!folder.empty()) std::filesystem::create_directories(folder, error);
  if (error) fail_run(path, "the folder of the file must be one that can be written. Got: ", error.message(), ".");
  if (options_.save_weights_only) run.save_weights(path);
  else run.save_model(path);
  if (options_.verbose > 0)
    run.message(current
                    ? start + " improved from " + shown(best_) + " to " + shown(*current) + ", saving model to " + path
                    : "Epoch " + std::to_string(epoch + 1) + ": saving model to " + path);
  if (current) best_ = *current;
}

std::string ModelCheckpoint::state() const {
  StateWriter out;
  out.put(best_);
  out.put(epoch_);
  out.put(batches_since_);
  return out.take();
}

void ModelCheckpoint::restore(const std::string& state) {
  if (state.empty()) return;
  StateReader in(state, "ModelCheckpoint");
  best_ = in.get<double>();
  epoch_ = in.get<int64_t>();
  batches_since_ = in.get<int64_t>();
}

}  // namespace batchwise
