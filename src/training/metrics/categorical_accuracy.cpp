// CategoricalAccuracy and TopKCategoricalAccuracy: the right class, against one-hot targets.
#include "base/known_keys.h"
#include "training/metrics/classes.h"
#include "training/metrics/mean_metric.h"

#include <batchwise/metrics.h>

namespace batchwise {
namespace {

constexpr const char* kFirst = "CategoricalAccuracy";
constexpr const char* kTopK = "TopKCategoricalAccuracy";

class OneHotMetric : public LineMetric<OneHotMetric> {
 public:
  OneHotMetric(const Config& config, const char* class_name, const char* default_name, int64_t k)
      : LineMetric(config, default_name), class_name_(class_name), k_(k) {
    require(k_ >= 1, "TopKCategoricalAccuracy.k", "k must be 1 or more. Got ", k_, ".");
  }
  std::string_view class_name() const override { return class_name_; }
  Better better() const override { return Better::Larger; }
  void check(const Shape& target, const Shape& prediction) const override {
    require(target == prediction && prediction.rank() >= 1, class_name_,
            "targets must be one-hot, of the shape of the predictions, ", prediction, ". Got ", target,
            ". For labels as whole numbers use the class with \"Sparse\".");
  }
  int64_t lines(const MetricCall& call) const { return call.prediction_shape.count() / call.prediction_shape.back(); }
  double line(const float* target, int64_t, const float* prediction, int64_t classes) const {
    return is_right(prediction, classes, largest_class(target, classes));
  }

 protected:
  int64_t k() const { return k_; }

 private:
  virtual bool is_right(const float* line, int64_t classes, int64_t label) const = 0;
  const char* class_name_;
  int64_t k_;
};

class CategoricalAccuracyMetric : public OneHotMetric {
 public:
  explicit CategoricalAccuracyMetric(const Config& config) : OneHotMetric(config, kFirst, "categorical_accuracy", 1) {
    require_known_keys(config, kFirst, {"name"});
  }
  Config config() const override { return base_config(); }

 private:
  bool is_right(const float* line, int64_t classes, int64_t label) const override {
    return largest_class(line, classes) == label;
  }
};

class TopKCategoricalAccuracyMetric : public OneHotMetric {
 public:
  explicit TopKCategoricalAccuracyMetric(const Config& config)
      : OneHotMetric(config, kTopK, "top_k_categorical_accuracy", config.get("k", 5)) {
    require_known_keys(config, kTopK, {"name", "k"});
  }
  Config config() const override {
    Config config = base_config();
    config.set("k", k());
    return config;
  }

 private:
  bool is_right(const float* line, int64_t classes, int64_t label) const override {
    return in_top_k(line, classes, static_cast<float>(label), k());
  }
};

const Register<Metric, CategoricalAccuracyMetric> registered_first{kFirst, {"categorical_accuracy"}};
const Register<Metric, TopKCategoricalAccuracyMetric> registered_top_k{
    kTopK, {"top_k_categorical_accuracy"}, {Config(Config::Object{}), Config::object({{"k", 2}})}};

}  // namespace

namespace metrics {
Spec CategoricalAccuracy(const NameOptions& options) {
  return metric_spec(kFirst, "categorical_accuracy", options.name);
}
Spec TopKCategoricalAccuracy(const TopKOptions& options) {
  return metric_spec(kTopK, "top_k_categorical_accuracy", options.name, {{"k", options.k}});
}
}  // namespace metrics

}  // namespace batchwise
