// The loss over the updates of one epoch.
#include "report/step_curve.h"

#include <batchwise/error.h>

namespace batchwise {

void StepCurve::begin(int64_t samples) {
  first_samples_ = samples;
  apart_ = 1;
  since_ = 0;
  kept_ = 0;
}

void StepCurve::add(const RunProgress& at, double mean) {
  last_ = {at.updates, at.samples, at.seconds, mean};
  if (++since_ < apart_) return;
  since_ = 0;
  points_[static_cast<size_t>(kept_++)] = last_;
  if (kept_ < kMost) return;
  // The means are of the epoch so far: leaving a point out joins its stretch to the next.
  for (size_t i = 0; i < kMost / 2; ++i) points_[i] = points_[2 * i + 1];
  kept_ = kMost / 2;
  apart_ *= 2;
}

Config StepCurve::points() const {
  Config::List list;
  Point before{0, first_samples_, 0, 0};
  const auto sum = [&](const Point& p) { return p.mean * static_cast<double>(p.samples - first_samples_); };
  const auto put = [&](const Point& p) {
    const auto samples = static_cast<double>(p.samples - before.samples);
    const double loss = samples > 0 ? (sum(p) - sum(before)) / samples : p.mean;
    list.emplace_back(Config::List{p.updates, p.samples, p.seconds, loss});
    before = p;
  };
  for (int i = 0; i < kept_; ++i) put(points_[static_cast<size_t>(i)]);
  if (since_ > 0) put(last_);
  return list;
}

Config StepCurve::state() const {
  Config::List kept;
  const auto put = [&](const Point& p) { kept.emplace_back(Config::List{p.updates, p.samples, p.seconds, p.mean}); };
  for (int i = 0; i < kept_; ++i) put(points_[static_cast<size_t>(i)]);
  if (since_ > 0) put(last_);
  return Config::object({{"first_samples", first_samples_}, {"apart", apart_}, {"since", since_}, {"points", kept}});
}

void StepCurve::restore(const Config& state) {
  first_samples_ = state.at("first_samples").as_int("first_samples");
  apart_ = state.at("apart").as_int("apart");
  since_ = state.at("since").as_int("since");
  const Config::List& kept = state.at("points").as_list("points");
  const int64_t whole = static_cast<int64_t>(kept.size()) - (since_ > 0 ? 1 : 0);
  require(apart_ >= 1 && since_ >= 0 && since_ < apart_ && whole >= 0 && whole < kMost, "points",
          "the points of an epoch must be at most ", kMost, ". Got ", kept.size(), ".");
  kept_ = static_cast<int>(whole);
  for (size_t i = 0; i < kept.size(); ++i) {
    const Config::List& values = kept[i].as_list("points");
    require(values.size() == 4, "points", "a point must have 4 numbers. Got ", values.size(), ".");
    last_ = {values[0].as_int("updates"), values[1].as_int("samples"), values[2].as_number("seconds"),
             values[3].as_number("loss")};
    if (i < static_cast<size_t>(kept_)) points_[i] = last_;
  }
}

}  // namespace batchwise
