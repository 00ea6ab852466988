// Precision, Recall and the four counts they are made of.
#include <optional>

#include "base/known_keys.h"
#include "training/losses/pairing.h"
#include "training/metrics/named_metric.h"

#include <batchwise/metrics.h>

namespace batchwise {
namespace {

// State: true positives, false positives, true negatives, false negatives.
enum Cell { TP, FP, TN, FN };

class ConfusionMetric : public NamedMetric {
 public:
  ConfusionMetric(const Config& config, const char* class_name, const char* default_name)
      : NamedMetric(config, default_name), class_name_(class_name) {
    const Config* given = config.find("thresholds");
    if (given && given->is_list()) {
      require(given->as_list().size() == 1, class_name,
              "a metric has one value here, so thresholds must be one number. Got ", given->text(), ".");
      threshold_ = static_cast<float>(given->as_list()[0].as_number("thresholds"));
    } else if (given && !given->is_null()) {
      threshold_ = static_cast<float>(given->as_number("thresholds"));
    }
    require(!threshold_ || (*threshold_ >= 0 && *threshold_ <= 1), class_name, "thresholds must lie in [0, 1]. Got ",
            threshold_.value_or(0), ".");
    top_k_ = config.get("top_k", 0);
    class_id_ = config.get("class_id", -1);
    require(top_k_ >= 0, class_name, "top_k must be positive. Got ", top_k_, ".");
  }
  std::string_view class_name() const override { return class_name_; }
  void check(const Shape& target, const Shape& prediction) const override {
    const Shape shape = paired_shape(target, prediction, class_name_);
    require(class_id_ < shape.back(), class_name_, "class_id must lie in [0, ", shape.back(), "). Got ", class_id_,
            ".");
    require(top_k_ <= shape.back(), class_name_, "top_k must not exceed the number of classes, ", shape.back(),
            ". Got ", top_k_, ".");
  }
  int state_size() const override { return 4; }
  void update(const MetricCall& call) const override {
    const int64_t count = call.prediction_shape.count(),
                  classes = paired_shape(call.target_shape, call.prediction_shape, class_name_).back();
    const float threshold = threshold_.value_or(0.5f);
    const bool by_rank_alone = top_k_ > 0 && !threshold_;
    for (int64_t at = 0; at < call.rows * count; ++at) {
      const int64_t own = at % classes;
      if (class_id_ >= 0 && own != class_id_) continue;
      const double weight = call.weights ? call.weights[at / count] : 1.0;
      bool said = by_rank_alone || call.predictions[at] > threshold;
      if (top_k_ > 0) said = said && is_in_top(call.predictions + (at - own), classes, own);
      const bool is = call.targets[at] != 0;
      call.state[said ? (is ? TP : FP) : (is ? FN : TN)] += weight;
    }
  }

 protected:
  Config confusion_config() const {
    Config config = base_config();
    config.set("thresholds", threshold_ ? Config(*threshold_) : Config());
    config.set("top_k", top_k_ > 0 ? Config(top_k_) : Config());
    config.set("class_id", class_id_ >= 0 ? Config(class_id_) : Config());
    return config;
  }
  Config count_config() const {
    Config config = base_config();
    config.set("thresholds", threshold_ ? Config(*threshold_) : Config());
    return config;
  }

 private:
  // Of equal scores the earlier ones count first.
  bool is_in_top(const float* line, int64_t classes, int64_t own) const {
    int64_t before = 0;
    for (int64_t i = 0; i < classes; ++i) before += line[i] > line[own] || (line[i] == line[own] && i < own);
    return before < top_k_;
  }

  const char* class_name_;
  std::optional<float> threshold_;
  int64_t top_k_ = 0, class_id_ = -1;
};

double share(double part, double rest) { return part + rest == 0 ? 0 : part / (part + rest); }

struct IsPrecision {
  static constexpr const char *kClass = "Precision", *kName = "precision";
  static double result(const double* state) { return share(state[TP], state[FP]); }
};
struct IsRecall {
  static constexpr const char *kClass = "Recall", *kName = "recall";
  static double result(const double* state) { return share(state[TP], state[FN]); }
};

template <class Which>
class RatioMetric : public ConfusionMetric {
 public:
  explicit RatioMetric(const Config& config) : ConfusionMetric(config, Which::kClass, Which::kName) {
    require_known_keys(config, Which::kClass, {"name", "thresholds", "top_k", "class_id"});
  }
  Config config() const override { return confusion_config(); }
  double result(const double* state) const override { return Which::result(state); }
};

struct CountTP {
  static constexpr const char *kClass = "TruePositives", *kName = "true_positives";
  static constexpr Cell kCell = TP;
};
struct CountFP {
  static constexpr const char *kClass = "FalsePositives", *kName = "false_positives";
  static constexpr Cell kCell = FP;
};
struct CountTN {
  static constexpr const char *kClass = "TrueNegatives", *kName = "true_negatives";
  static constexpr Cell kCell = TN;
};
struct CountFN {
  static constexpr const char *kClass = "FalseNegatives", *kName = "false_negatives";
  static constexpr Cell kCell = FN;
};

template <class Which>
class CountMetric : public ConfusionMetric {
 public:
  explicit CountMetric(const Config& config) : ConfusionMetric(config, Which::kClass, Which::kName) {
    require_known_keys(config, Which::kClass, {"name", "thresholds"});
  }
  Config config() const override { return count_config(); }
  double result(const double* state) const override { return state[Which::kCell]; }
};

const std::vector<Config> kExamples{Config(Config::Object{}), Config::object({{"thresholds", 0.3}})};
const Register<Metric, RatioMetric<IsPrecision>> registered_precision{
    IsPrecision::kClass, {IsPrecision::kName}, kExamples};
const Register<Metric, RatioMetric<IsRecall>> registered_recall{IsRecall::kClass, {IsRecall::kName}, kExamples};
const Register<Metric, CountMetric<CountTP>> registered_tp{CountTP::kClass, {CountTP::kName}, kExamples};
const Register<Metric, CountMetric<CountFP>> registered_fp{CountFP::kClass, {CountFP::kName}, kExamples};
const Register<Metric, CountMetric<CountTN>> registered_tn{CountTN::kClass, {CountTN::kName}, kExamples};
const Register<Metric, CountMetric<CountFN>> registered_fn{CountFN::kClass, {CountFN::kName}, kExamples};

template <class T>
Config or_null(const std::optional<T>& value) {
  return value ? Config(*value) : Config();
}

}  // namespace

namespace metrics {
Spec Precision(const ConfusionOptions& options) {
  return metric_spec(IsPrecision::kClass, IsPrecision::kName, options.name,
                     {{"thresholds", or_null(options.threshold)},
                      {"top_k", or_null(options.top_k)},
                      {"class_id", or_null(options.class_id)}});
}
Spec Recall(const ConfusionOptions& options) {
  return metric_spec(IsRecall::kClass, IsRecall::kName, options.name,
                     {{"thresholds", or_null(options.threshold)},
                      {"top_k", or_null(options.top_k)},
                      {"class_id", or_null(options.class_id)}});
}
Spec TruePositives(const ThresholdOptions& options) {
  return metric_spec(CountTP::kClass, CountTP::kName, options.name, {{"thresholds", options.threshold}});
}
Spec TrueNegatives(const ThresholdOptions& options) {
  return metric_spec(CountTN::kClass, CountTN::kName, options.name, {{"thresholds", options.threshold}});
}
Spec FalsePositives(const ThresholdOptions& options) {
  return metric_spec(CountFP::kClass, CountFP::kName, options.name, {{"thresholds", options.threshold}});
}
Spec FalseNegatives(const ThresholdOptions& options) {
  return metric_spec(CountFN::kClass, CountFN::kName, options.name, {{"thresholds", options.threshold}});
}
}  // namespace metrics

}  // namespace batchwise
