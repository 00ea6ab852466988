// EarlyStopping: ends a run that no longer improves.
#include <batchwise/callbacks.h>
#include <batchwise/error.h>

#include "training/callbacks/state_text.h"

namespace batchwise {

EarlyStopping::EarlyStopping(EarlyStoppingOptions options)
    : options_(std::move(options)),
      monitor_(options_.monitor, options_.mode, options_.min_delta, "EarlyStopping"),
      best_(monitor_.worst()) {
  require(options_.patience >= 0, "EarlyStopping", "patience must be at least 0. Got ", options_.patience, ".");
  require(options_.start_from_epoch >= 0, "EarlyStopping", "start_from_epoch must be at least 0. Got ",
          options_.start_from_epoch, ".");
}

void EarlyStopping::on_train_begin(const RunFacts&, RunControl&) {
  if (restored_) {
    restored_ = false;
    return;
  }
  best_ = monitor_.worst();
  wait_ = stopped_epoch_ = best_epoch_ = 0;
  best_weights_.clear();
}

void EarlyStopping::on_epoch_end(int64_t epoch, Logs& logs, RunControl& run) {
  const std::optional<double> current = monitor_.value(logs, run);
  if (!current || epoch < options_.start_from_epoch) return;
  // A first epoch without improvement (a NaN) still leaves something to restore.
  if (options_.restore_best_weights && best_weights_.empty()) {
    best_weights_ = run.get_weights();
    best_epoch_ = epoch;
  }
  ++wait_;
  if (monitor_.better(*current, best_)) {
    best_ = *current;
    best_epoch_ = epoch;
    if (options_.restore_best_weights) best_weights_ = run.get_weights();
    if (!options_.baseline || monitor_.better(*current, *options_.baseline)) wait_ = 0;
    return;
  }
  if (wait_ >= options_.patience && epoch > 0) {
    stopped_epoch_ = epoch;
    run.stop();
  }
}

void EarlyStopping::on_train_end(const Logs&, RunControl& run) {
  if (stopped_epoch_ > 0 && options_.verbose > 0)
    run.message("Epoch " + std::to_string(stopped_epoch_ + 1) + ": early stopping");
  if (options_.restore_best_weights && !best_weights_.empty()) {
    if (options_.verbose > 0)
      run.message("Restoring model weights from the end of the best epoch: " + std::to_string(best_epoch_ + 1) + ".");
    run.set_weights(best_weights_);
  }
}

// The copy kept, and beside it the new one that replaces it or its bytes for a checkpoint.
int64_t EarlyStopping::memory(int64_t weight_bytes) const {
  return options_.restore_best_weights ? 2 * weight_bytes : 0;
}

std::string EarlyStopping::state() const {
  size_t bytes = 64;
  for (const std::vector<float>& values : best_weights_) bytes += sizeof(uint64_t) + values.size() * sizeof(float);
  StateWriter out;
  out.reserve(bytes);
  out.put(best_);
  out.put(wait_);
  out.put(stopped_epoch_);
  out.put(best_epoch_);
  out.put(static_cast<uint64_t>(best_weights_.size()));
  for (const std::vector<float>& values : best_weights_) {
    out.put(static_cast<uint64_t>(values.size()));
    out.put_bytes(values.data(), values.size() * sizeof(float));
  }
  return out.take();
}

void EarlyStopping::restore(const std::string& state) {
  if (state.empty()) return;
  StateReader in(state, "EarlyStopping");
  best_ = in.get<double>();
  wait_ = in.get<int64_t>();
  stopped_epoch_ = in.get<int64_t>();
  best_epoch_ = in.get<int64_t>();
  best_weights_.clear();
  const uint64_t tensors = in.get<uint64_t>();
  for (uint64_t i = 0; i < tensors; ++i) {
    const uint64_t count = in.get<uint64_t>();
    require(count <= in.left() / sizeof(float), "EarlyStopping",
            "the state kept in the checkpoint must be of this version. Got one that is too short.");
    best_weights_.emplace_back(count);
    in.get_bytes(best_weights_.back().data(), count * sizeof(float));
  }
  restored_ = true;
}

}  // namespace batchwise
