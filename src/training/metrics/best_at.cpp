// The best of one rate at thresholds where another rate is high enough: SensitivityAtSpecificity and its relatives.
#include <algorithm>

#include "base/known_keys.h"
#include "training/losses/pairing.h"
#include "training/metrics/named_metric.h"
#include "training/metrics/thresholds.h"

#include <batchwise/metrics.h>

namespace batchwise {
namespace {

enum class Rate { Sensitivity, Specificity, Precision };  // sensitivity is recall

struct About {
  const char *class_name, *name, *floor;  // `floor`: the argument that says how high the other rate must be
  Rate best, constrained;
};
constexpr About kKinds[] = {
    {"SensitivityAtSpecificity", "sensitivity_at_specificity", "specificity", Rate::Sensitivity, Rate::Specificity},
    {"SpecificityAtSensitivity", "specificity_at_sensitivity", "sensitivity", Rate::Specificity, Rate::Sensitivity},
    {"PrecisionAtRecall", "precision_at_recall", "recall", Rate::Precision, Rate::Sensitivity},
    {"RecallAtPrecision", "recall_at_precision", "precision", Rate::Sensitivity, Rate::Precision},
};

double over(double a, double b) { return b == 0 ? 0 : a / b; }

double rate_of(Rate rate, const ThresholdPoint& at, const ThresholdPoint& all) {
  switch (rate) {
    case Rate::Sensitivity: return over(at.tp, all.tp);
    case Rate::Specificity: return over(all.fp - at.fp, all.fp);
    case Rate::Precision: return over(at.tp, at.tp + at.fp);
  }
  return 0;
}

class BestAtMetric : public NumberMetric {
 public:
  BestAtMetric(const Config& config, const About& about)
      : NumberMetric(config, about.name), about_(about), class_id_(config.get("class_id", -1)) {
    require_known_keys(config, about.class_name, {"name", "num_thresholds", "class_id", about.floor});
    const Config* floor = config.find(about.floor);
    require(floor != nullptr, about.class_name, about.floor, " must be given. Got nothing.");
    floor_ = floor->as_number(about.floor);
    require(floor_ >= 0 && floor_ <= 1, about.class_name, about.floor, " must lie in [0, 1]. Got ", floor_, ".");
    const int64_t count = config.get("num_thresholds", 200);
    require(count >= 1 && count <= 1'000'000, about.class_name, "num_thresholds must be 1 to 1000000. Got ", count,
            ".");
    thresholds_ = count == 1 ? Thresholds::at(0.5f) : Thresholds::even(count, false);
  }
  std::string_view class_name() const override { return about_.class_name; }
  Better better() const override { return Better::Larger; }
  Config config() const override {
    Config config = base_config();
    config.set("class_id", class_id_ >= 0 ? Config(class_id_) : Config());
    config.set("num_thresholds", thresholds_.count());
    config.set(about_.floor, floor_);
    return config;
  }
  void check(const Shape& target, const Shape& prediction) const override {
    const Shape shape = paired_shape(target, prediction, about_.class_name);
    require(class_id_ < shape.back(), about_.class_name, "class_id must lie in [0, ", shape.back(), "). Got ",
            class_id_, ".");
  }
  int64_t state_size() const override { return thresholds_.doubles(); }
  void update(const MetricCall& call) const override {
    const int64_t count = call.prediction_shape.count(),
                  classes = call.prediction_shape.rank() > 0 ? call.prediction_shape.back() : 1;
    for (int64_t row = 0; row < call.rows; ++row)
      for (int64_t i = class_id_ < 0 ? 0 : class_id_; i < count; i += class_id_ < 0 ? 1 : classes) {
        const double weight = weight_at(call, row, i, count);
        const bool is = call.targets[row * count + i] != 0;
        thresholds_.add(call.state, call.predictions[row * count + i], is ? weight : 0, is ? 0 : weight);
      }
  }
  double result(const double* state) const override {
    const ThresholdPoint all = thresholds_.totals(state);
    double best = 0;
    thresholds_.from_the_top(state, [&](const ThresholdPoint& at) {
      if (rate_of(about_.constrained, at, all) >= floor_) best = std::max(best, rate_of(about_.best, at, all));
    });
    return best;
  }

 private:
  const About& about_;
  int64_t class_id_;
  double floor_ = 0;
  Thresholds thresholds_;
};

struct RegisterKind {
  explicit RegisterKind(const About& about) {
    auto& registry = Registry<Metric>::instance();
    registry.add(about.class_name,
                 {[&about](const Config& config) { return std::make_unique<BestAtMetric>(config, about); },
                  {Config::object({{about.floor, 0.5}}),
                   Config::object({{about.floor, 0.7}, {"num_thresholds", 10}, {"class_id", 0}})}});
    registry.alias(about.name, about.class_name);
  }
};
const RegisterKind registered[] = {RegisterKind(kKinds[0]), RegisterKind(kKinds[1]), RegisterKind(kKinds[2]),
                                   RegisterKind(kKinds[3])};

Spec spec_for(const About& about, float floor, const metrics::BestAtOptions& options) {
  return metric_spec(about.class_name, about.name, options.name,
                     {{about.floor, floor},
                      {"num_thresholds", options.num_thresholds},
                      {"class_id", options.class_id ? Config(*options.class_id) : Config()}});
}

}  // namespace

namespace metrics {
Spec SensitivityAtSpecificity(float specificity, const BestAtOptions& options) {
  return spec_for(kKinds[0], specificity, options);
}
Spec SpecificityAtSensitivity(float sensitivity, const BestAtOptions& options) {
  return spec_for(kKinds[1], sensitivity, options);
}
Spec PrecisionAtRecall(float recall, const BestAtOptions& options) { return spec_for(kKinds[2], recall, options); }
Spec RecallAtPrecision(float precision, const BestAtOptions& options) {
  return spec_for(kKinds[3], precision, options);
}
}  // namespace metrics

}  // namespace batchwise
