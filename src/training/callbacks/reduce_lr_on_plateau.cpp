// ReduceLROnPlateau: lowers the learning rate when a value stops improving.
#include <algorithm>

#include <batchwise/callbacks.h>
#include <batchwise/error.h>

#include "training/callbacks/python_float.h"
#include "training/callbacks/state_text.h"

namespace batchwise {

ReduceLROnPlateau::ReduceLROnPlateau(ReduceLROnPlateauOptions options)
    : options_(std::move(options)),
      monitor_(options_.monitor, options_.mode, options_.min_delta, "ReduceLROnPlateau"),
      best_(monitor_.worst()) {
  require(options_.factor > 0 && options_.factor < 1, "ReduceLROnPlateau", "factor must be in (0, 1). Got ",
          options_.factor, ".");
  require(options_.patience >= 0 && options_.cooldown >= 0, "ReduceLROnPlateau",
          "patience and cooldown must be at least 0. Got ", options_.patience, " and ", options_.cooldown, ".");
  require(options_.min_lr >= 0, "ReduceLROnPlateau", "min_lr must be at least 0. Got ", options_.min_lr, ".");
}

void ReduceLROnPlateau::on_train_begin(const RunFacts& facts, RunControl&) {
  require(!facts.has_schedule, "ReduceLROnPlateau",
          "the learning rate must be free to be lowered. Got an optimizer whose rate is ruled by a schedule.");
  if (restored_) {
    restored_ = false;
    return;
  }
  best_ = monitor_.worst();
  wait_ = cooldown_counter_ = 0;
}

void ReduceLROnPlateau::on_epoch_end(int64_t epoch, Logs& logs, RunControl& run) {
  const double rate = run.learning_rate();
  if (!find_log(logs, "learning_rate")) logs.emplace_back("learning_rate", rate);
  const std::optional<double> current = monitor_.value(logs, run);
  if (!current) return;
  if (cooldown_counter_ > 0) {
    --cooldown_counter_;
    wait_ = 0;
  }
  if (monitor_.better(*current, best_)) {
    best_ = *current;
    wait_ = 0;
  } else if (cooldown_counter_ == 0 && ++wait_ >= options_.patience) {
    // Keras compares and keeps rates as float32.
    if (static_cast<float>(rate) <= static_cast<float>(options_.min_lr)) return;
    const double lower = std::max(rate * options_.factor, options_.min_lr);
    run.set_learning_rate(lower);
    if (options_.verbose > 0)
      run.message("Epoch " + std::to_string(epoch + 1) + ": ReduceLROnPlateau reducing learning rate to " +
                  python_float(lower) + ".");
    cooldown_counter_ = options_.cooldown;
    wait_ = 0;
  }
}

std::string ReduceLROnPlateau::state() const {
  StateWriter out;
  out.put(best_);
  out.put(wait_);
  out.put(cooldown_counter_);
  return out.take();
}

void ReduceLROnPlateau::restore(const std::string& state) {
  if (state.empty()) return;
  StateReader in(state, "ReduceLROnPlateau");
  best_ = in.get<double>();
  wait_ = in.get<int64_t>();
  cooldown_counter_ = in.get<int64_t>();
  restored_ = true;
}

}  // namespace batchwise
