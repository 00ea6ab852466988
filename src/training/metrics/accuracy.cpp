// Accuracy, BinaryAccuracy: how many elements agree.
#include <cmath>

#include "base/known_keys.h"
#include "training/losses/pairing.h"
#include "training/metrics/mean_metric.h"

#include <batchwise/metrics.h>

namespace batchwise {
namespace {

constexpr const char* kExact = "Accuracy";
constexpr const char* kBinary = "BinaryAccuracy";

class AccuracyMetric : public LineMetric<AccuracyMetric> {
 public:
  explicit AccuracyMetric(const Config& config) : LineMetric(config, "accuracy") {
    require_known_keys(config, kExact, {"name"});
  }
  std::string_view class_name() const override { return kExact; }
  Better better() const override { return Better::Larger; }
  Config config() const override { return base_config(); }
  void check(const Shape& target, const Shape& prediction) const override { paired_shape(target, prediction, kExact); }
  // Elements are compared one by one.
  int64_t lines(const MetricCall& call) const { return call.prediction_shape.count(); }
  double line(const float* target, int64_t, const float* prediction, int64_t) const { return *target == *prediction; }
};

class BinaryAccuracyMetric : public LineMetric<BinaryAccuracyMetric> {
 public:
  explicit BinaryAccuracyMetric(const Config& config)
      : LineMetric(config, "binary_accuracy"), threshold_(static_cast<float>(config.get("threshold", 0.5))) {
    require_known_keys(config, kBinary, {"name", "threshold"});
    // Logits are compared with 0, or with any other number.
    require(std::isfinite(threshold_), "BinaryAccuracy.threshold", "the threshold must be finite. Got ", threshold_,
            ".");
  }
  std::string_view class_name() const override { return kBinary; }
  Better better() const override { return Better::Larger; }
  Config config() const override {
    Config config = base_config();
    config.set("threshold", threshold_);
    return config;
  }
  void check(const Shape& target, const Shape& prediction) const override { paired_shape(target, prediction, kBinary); }
  int64_t lines(const MetricCall& call) const {
    return call.prediction_shape.count() / paired_shape(call.target_shape, call.prediction_shape, kBinary).back();
  }
  double line(const float* target, int64_t, const float* prediction, int64_t count) const {
    int64_t equal = 0;
    for (int64_t i = 0; i < count; ++i) equal += target[i] == (prediction[i] > threshold_ ? 1.0f : 0.0f);
    return static_cast<double>(equal) / static_cast<double>(count);
  }

 private:
  float threshold_;
};

const Register<Metric, AccuracyMetric> registered_exact{kExact};
const Register<Metric, BinaryAccuracyMetric> registered_binary{
    kBinary, {"binary_accuracy"}, {Config(Config::Object{}), Config::object({{"threshold", 0.7}})}};

}  // namespace

namespace metrics {
Spec Accuracy(const NameOptions& options) { return metric_spec(kExact, "accuracy", options.name); }
Spec BinaryAccuracy(const BinaryAccuracyOptions& options) {
  return metric_spec(kBinary, "binary_accuracy", options.name, {{"threshold", options.threshold}});
}
}  // namespace metrics

}  // namespace batchwise
