// Growth of the batch size in a run.
#include <batchwise/grow_batch.h>

#include <algorithm>
#include <cmath>

#include <batchwise/error.h>
#include <batchwise/optimizer.h>
#include <batchwise/plan.h>
#include <batchwise/rules.h>

#include "base/number_text.h"
#include "training/callbacks/state_text.h"

namespace batchwise {
namespace {

constexpr const char* kWhere = "GrowBatch";
constexpr int64_t kBetweenLooks = 50;  // updates: so many newer ones carry most of the noise scale's weight

}  // namespace

GrowBatch::GrowBatch(GrowBatchOptions options)
    : options_(std::move(options)),
      monitor_(options_.monitor, options_.mode, options_.min_delta, kWhere),
      best_(monitor_.worst()) {
  require(options_.when == "steps" || options_.when == "plateau" || options_.when == "noise", kWhere,
          "when must be steps, plateau or noise. Got \"", options_.when, "\".");
  require(options_.largest >= 1, kWhere, "largest must be given, the largest batch size to grow to. Got ",
          options_.largest, ".");
  require(options_.factor > 1 && std::isfinite(options_.factor), kWhere, "factor must be more than 1. Got ",
          options_.factor, ".");
  require(options_.every_samples >= 0 && options_.patience >= 0, kWhere,
          "every_samples and patience must be 0 or more. Got ", options_.every_samples, " and ", options_.patience,
          ".");
  require(options_.every_samples == 0 || options_.when == "steps", kWhere,
          "every_samples belongs to growth by steps. Got ", options_.every_samples, " with \"", options_.when, "\".");
  require(options_.share > 0 && std::isfinite(options_.share), kWhere, "share must be positive. Got ", options_.share,
          ".");
  if (options_.rule.empty()) options_.rule = options_.when == "noise" ? "auto" : "none";
}

void GrowBatch::on_plan(const Plan& plan) {
  require(options_.when != "noise" || plan.grains > 1, kWhere,
          "the noise scale is told by the grains of a batch: there must be at least two. Got one of ", plan.grain,
          " samples: give a grain of ", std::max<int64_t>(1, plan.grain / 2), " (--grain), or a larger batch size.");
}

void GrowBatch::check(const Spec& optimizer) const {
  check_rule(optimizer, make_optimizer(optimizer)->schedule() != nullptr);
}

void GrowBatch::check_rule(const Spec& optimizer, bool has_schedule) const {
  require(!has_schedule || options_.rule == "none", kWhere,
          "a learning rate that a schedule or a warm-up rules cannot follow the batch size. Got the rule \"",
          options_.rule, "\". Give the rule none (--grow-rule none), or an optimizer without a schedule.");
  if (options_.rule != "none") rate_factor(optimizer, {.from = 1, .to = 2, .rule = options_.rule});
}

void GrowBatch::on_train_begin(const RunFacts& facts, RunControl& run) {
  optimizer_ = facts.optimizer;
  epochs_ = facts.epochs;
  check_rule(optimizer_, facts.has_schedule);
  if (restored_) {
    restored_ = false;
    run.set_batch_size(batch_size_);
    return;
  }
  batch_size_ = facts.batch_size;
  require(options_.largest >= batch_size_, kWhere, "largest must be at least the batch size, ", batch_size_, ". Got ",
          options_.largest, ".");
  require(options_.largest == batch_size_ || grown() > batch_size_, kWhere, "one step must make the batch size, ",
          batch_size_, ", larger by a sample at least: the factor must be ", 1 + 0.5 / static_cast<double>(batch_size_),
          " or more. Got ", options_.factor, ".");
  next_samples_ = run.progress().samples + options_.every_samples;
  looked_at_ = run.progress().updates;
  wait_ = 0;
  best_ = monitor_.worst();
}

int64_t GrowBatch::grown() const {
  const double wanted = std::round(static_cast<double>(batch_size_) * options_.factor);
  return static_cast<int64_t>(std::min(wanted, 0x1p40));
}

void GrowBatch::grow(RunControl& run, int64_t at_most, const std::string& why) {
  const int64_t to = std::min({grown(), at_most, options_.largest});
  if (to <= batch_size_) return;
  const double rate = run.learning_rate();
  const int64_t from = batch_size_;
  run.set_batch_size(to, why);
  batch_size_ = to;
  std::string text = "The batch size grows from " + std::to_string(from) + " to " + std::to_string(to) + ": " + why;
  if (options_.rule != "none") {
    const double factor = rate_factor(optimizer_, {.from = from, .to = to, .rule = options_.rule});
    run.set_learning_rate(rate * factor);
    text += "; the learning rate becomes " + rounded_number(factor) + " times as large";
  }
  run.message(text + ".");
}

void GrowBatch::on_train_batch_end(int64_t, const Logs&, RunControl& run) {
  const RunProgress now = run.progress();
  if (options_.when == "steps" && options_.every_samples > 0 && now.samples >= next_samples_) {
    next_samples_ = now.samples + options_.every_samples;
    grow(run, options_.largest, std::to_string(options_.every_samples) + " samples more were trained on");
  }
  if (options_.when != "noise" || now.updates - looked_at_ < kBetweenLooks) return;
  looked_at_ = now.updates;
  const auto noise = run.noise_scale();
  if (!noise) return;
  // A step up has to be covered by the measured scale as a whole, and the present size by its lower bound.
  const double covered = options_.share * noise->value;
  if (options_.share * noise->low < static_cast<double>(batch_size_) ||
      covered < static_cast<double>(batch_size_) * options_.factor)
    return;
  grow(run, static_cast<int64_t>(std::min(covered, 0x1p40)),
       "the noise scale is " + std::to_string(static_cast<int64_t>(std::round(noise->value))) + " samples");
}

void GrowBatch::on_epoch_end(int64_t epoch, Logs& logs, RunControl& run) {
  if (epoch + 1 == epochs_) return;  // nothing is trained on after it
  if (options_.when == "steps" && options_.every_samples == 0) grow(run, options_.largest, "an epoch is over");
  if (options_.when != "plateau") return;
  const std::optional<double> current = monitor_.value(logs, run);
  if (!current) return;
  if (monitor_.better(*current, best_)) {
    best_ = *current;
    wait_ = 0;
  } else if (++wait_ >= options_.patience) {
    wait_ = 0;
    grow(run, options_.largest, options_.monitor + " has not improved");
  }
}

std::string GrowBatch::state() const {
  StateWriter out;
  out.put(batch_size_);
  out.put(next_samples_);
  out.put(looked_at_);
  out.put(wait_);
  out.put(best_);
  return out.take();
}

void GrowBatch::restore(const std::string& state) {
  if (state.empty()) return;
  StateReader in(state, kWhere);
  batch_size_ = in.get<int64_t>();
  next_samples_ = in.get<int64_t>();
  looked_at_ = in.get<int64_t>();
  wait_ = in.get<int64_t>();
  best_ = in.get<double>();
  restored_ = true;
}

}  // namespace batchwise
