// Accuracy, BinaryAccuracy: how many elements agree.
#include "base/known_keys.h"
#include "training/losses/pairing.h"
#include "training/metrics/mean_metric.h"

#include <batchwise/metrics.h>

namespace batchwise {
namespace {

constexpr const char* kExact = "Accuracy";
constexpr const char* kBinary = "BinaryAccuracy";

class AccuracyMetric : public SampleMetric<AccuracyMetric> {
 public:
  explicit AccuracyMetric(const Config& config) : SampleMetric(config, "accuracy") {
    require_known_keys(config, kExact, {"name"});
  }
  std::string_view class_name() const override { return kExact; }
  Config config() const override { return base_config(); }
  void check(const Shape& target, const Shape& prediction) const override { paired_shape(target, prediction, kExact); }
  double sample(const MetricCall& call, const float* target, const float* prediction) const {
    const int64_t count = call.prediction_shape.count();
    int64_t equal = 0;
    for (int64_t i = 0; i < count; ++i) equal += target[i] == prediction[i];
    return static_cast<double>(equal) / static_cast<double>(count);
  }
};

class BinaryAccuracyMetric : public SampleMetric<BinaryAccuracyMetric> {
 public:
  explicit BinaryAccuracyMetric(const Config& config)
      : SampleMetric(config, "binary_accuracy"), threshold_(static_cast<float>(config.get("threshold", 0.5))) {
    require_known_keys(config, kBinary, {"name", "threshold"});
    require(threshold_ > 0 && threshold_ < 1, "BinaryAccuracy.threshold", "the threshold must lie in (0, 1). Got ",
            threshold_, ".");
  }
  std::string_view class_name() const override { return kBinary; }
  Config config() const override {
    Config config = base_config();
    config.set("threshold", threshold_);
    return config;
  }
  void check(const Shape& target, const Shape& prediction) const override { paired_shape(target, prediction, kBinary); }
  double sample(const MetricCall& call, const float* target, const float* prediction) const {
    const int64_t count = call.prediction_shape.count();
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
