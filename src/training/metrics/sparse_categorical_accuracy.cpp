// SparseCategoricalAccuracy and SparseTopKCategoricalAccuracy: the right class, against labels.
#include "base/known_keys.h"
#include "training/losses/labels.h"
#include "training/metrics/classes.h"
#include "training/metrics/mean_metric.h"

#include <batchwise/metrics.h>

namespace batchwise {
namespace {

constexpr const char* kFirst = "SparseCategoricalAccuracy";
constexpr const char* kTopK = "SparseTopKCategoricalAccuracy";

class LabelMetric : public LineMetric<LabelMetric> {
 public:
  LabelMetric(const Config& config, const char* class_name, const char* default_name, int64_t k)
      : LineMetric(config, default_name), class_name_(class_name), k_(k) {
    require(k_ >= 1, "SparseTopKCategoricalAccuracy.k", "k must be 1 or more. Got ", k_, ".");
  }
  std::string_view class_name() const override { return class_name_; }
  Better better() const override { return Better::Larger; }
  void check(const Shape& target, const Shape& prediction) const override {
    label_shape(target, prediction, class_name_);
  }
  int64_t lines(const MetricCall& call) const { return call.prediction_shape.count() / call.prediction_shape.back(); }
  double line(const float* target, int64_t, const float* prediction, int64_t classes) const {
    return is_right(prediction, classes, *target);
  }

 protected:
  int64_t k() const { return k_; }

 private:
  virtual bool is_right(const float* line, int64_t classes, float label) const = 0;
  const char* class_name_;
  int64_t k_;
};

class SparseCategoricalAccuracyMetric : public LabelMetric {
 public:
  explicit SparseCategoricalAccuracyMetric(const Config& config)
      : LabelMetric(config, kFirst, "sparse_categorical_accuracy", 1) {
    require_known_keys(config, kFirst, {"name"});
  }
  Config config() const override { return base_config(); }

 private:
  bool is_right(const float* line, int64_t classes, float label) const override {
    return static_cast<float>(largest_class(line, classes)) == label;
  }
};

class SparseTopKCategoricalAccuracyMetric : public LabelMetric {
 public:
  explicit SparseTopKCategoricalAccuracyMetric(const Config& config)
      : LabelMetric(config, kTopK, "sparse_top_k_categorical_accuracy", config.get("k", 5)) {
    require_known_keys(config, kTopK, {"name", "k"});
  }
  Config config() const override {
    Config config = base_config();
    config.set("k", k());
    return config;
  }

 private:
  bool is_right(const float* line, int64_t classes, float label) const override {
    return in_top_k(line, classes, label, k());
  }
};

const Register<Metric, SparseCategoricalAccuracyMetric> registered_first{kFirst, {"sparse_categorical_accuracy"}};
const Register<Metric, SparseTopKCategoricalAccuracyMetric> registered_top_k{
    kTopK, {"sparse_top_k_categorical_accuracy"}, {Config(Config::Object{}), Config::object({{"k", 2}})}};

}  // namespace

namespace metrics {
Spec SparseCategoricalAccuracy(const NameOptions& options) {
  return metric_spec(kFirst, "sparse_categorical_accuracy", options.name);
}
Spec SparseTopKCategoricalAccuracy(const TopKOptions& options) {
  return metric_spec(kTopK, "sparse_top_k_categorical_accuracy", options.name, {{"k", options.k}});
}
}  // namespace metrics

}  // namespace batchwise
