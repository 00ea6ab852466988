// The learning-rate range test.
#include "batch_size/tune/rate_range.h"

#include <algorithm>
#include <cmath>

namespace batchwise {
namespace {

constexpr double kLowest = 1e-6, kHighest = 10;
constexpr double kSmoothing = 0.8;  // of the losses of batches, which jump, in kRangeSteps steps
constexpr double kRisen = 2;        // times the lowest loss: it is lost
constexpr double kBelowHighest =
    10;  // chosen = highest / this: where the loss of a short test is lowest is too high for long
constexpr double kLeastFall = 0.01;  // of the first loss: less is noise

class Ramp final : public Callback {
 public:
  Ramp(RateRange& range, int64_t steps)
      : range_(range),
        steps_(steps),
        // With fewer steps to a decade the mean must forget as much from one decade to the next.
        smoothing_(std::pow(kSmoothing, static_cast<double>(kRangeSteps) / static_cast<double>(steps))) {}

  void on_train_begin(const RunFacts&, RunControl& run) override { run.set_learning_rate(kLowest); }

  void on_train_batch_end(int64_t step, const Logs& logs, RunControl& run) override {
    const double* mean = find_log(logs, "loss");
    // The running mean of the epoch, taken apart into the losses of its batches.
    const double total = *mean * static_cast<double>(step + 1);
    const double loss = step == 0 ? *mean : total - total_;
    total_ = total;
    weight_ = smoothing_ * weight_ + (1 - smoothing_);
    smooth_ = smoothing_ * smooth_ + (1 - smoothing_) * loss;
    const double smoothed = smooth_ / weight_;
    if (!std::isfinite(smoothed)) return run.stop();
    range_.points.push_back({run.learning_rate(), smoothed});
    lowest_ = std::min(lowest_, smoothed);
    const bool risen = smoothed - lowest_ > (kRisen - 1) * std::abs(lowest_) + 1e-9 && range_.points.size() > 10;
    if (risen || static_cast<int64_t>(range_.points.size()) >= steps_) return run.stop();
    run.set_learning_rate(kLowest * std::pow(kHighest / kLowest, static_cast<double>(range_.points.size()) /
                                                                     static_cast<double>(steps_ - 1)));
  }

 private:
  RateRange& range_;
  const int64_t steps_;
  const double smoothing_;
  double total_ = 0, weight_ = 0, smooth_ = 0, lowest_ = std::numeric_limits<double>::infinity();
};

}  // namespace

void choose_rates(RateRange& range) {
  const auto lowest = std::min_element(range.points.begin(), range.points.end(),
                                       [](const RatePoint& a, const RatePoint& b) { return a.loss < b.loss; });
  require(lowest != range.points.end(), "tune", "the range test of learning rates must have points. Got none.");
  const double first = range.points.front().loss;
  if (first - lowest->loss < kLeastFall * std::abs(first))
    fail_run("tune", "the loss must fall at some learning rate between ", kLowest, " and ", kHighest,
             " to choose one. Got ", first, " at first and ", lowest->loss,
             " at best: look at the model, its loss and the data.");
  range.highest = lowest->rate;
  range.chosen = lowest->rate / kBelowHighest;
}

RateRange rate_range(const Model& model, const Dataset& data, int64_t batch_size, const FitOptions& fit,
                     int64_t steps) {
  RateRange range;
  range.batch_size = batch_size;
  Model copy = model.copy();
  FitOptions options;
  options.memory = fit.memory;
  options.lanes = fit.lanes;
  options.grain = fit.grain;
  options.class_weight = fit.class_weight;
  options.interrupt = fit.interrupt;
  options.seed = fit.seed;
  options.batch_size = batch_size;
  options.verbose = 0;
  options.allow_nan = fit.allow_nan;
  options.noise_scale = false;
  options.callbacks = {std::make_shared<Ramp>(range, steps)};
  options.epochs = steps;  // the ramp stops it
  if (!data.has_rows() && data.cardinality() < 0) {
    options.epochs = 1;
    options.steps_per_epoch = steps;
  }
  const uint64_t before = copy.optimizer_state().samples;
  try {
    copy.fit(data, options);
  } catch (const NotFiniteError&) {}  // the ramp went too high, as it should
  range.samples = static_cast<int64_t>(copy.optimizer_state().samples - before);
  choose_rates(range);
  return range;
}

}  // namespace batchwise
