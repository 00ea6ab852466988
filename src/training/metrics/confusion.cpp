// Precision, Recall and the four counts they are made of.
#include "base/known_keys.h"
#include "training/losses/pairing.h"
#include "training/metrics/named_metric.h"
#include "training/metrics/thresholds.h"

#include <batchwise/metrics.h>

namespace batchwise {
namespace {

// Of one threshold: true positives, false positives, true negatives, false negatives.
enum Cell { TP, FP, TN, FN, kCells };

// State: the cells of each threshold.
class ConfusionMetric : public NamedMetric {
 public:
  ConfusionMetric(const Config& config, const char* class_name, const char* default_name)
      : NamedMetric(config, default_name),
        class_name_(class_name),
        thresholds_(read_thresholds(config, "thresholds", class_name)),
        top_k_(config.get("top_k", 0)),
        class_id_(config.get("class_id", -1)) {
    require(top_k_ >= 0, class_name, "top_k must be positive. Got ", top_k_, ".");
    by_rank_alone_ = top_k_ > 0 && thresholds_.empty();
    if (thresholds_.empty()) thresholds_.push_back(0.5f);
    else given_ = config.at("thresholds");
  }
  std::string_view class_name() const override { return class_name_; }
  void check(const Shape& target, const Shape& prediction) const override {
    const Shape shape = paired_shape(target, prediction, class_name_);
    require(class_id_ < shape.back(), class_name_, "class_id must lie in [0, ", shape.back(), "). Got ", class_id_,
            ".");
    require(top_k_ <= shape.back(), class_name_, "top_k must not exceed the number of classes, ", shape.back(),
            ". Got ", top_k_, ".");
  }
  int64_t state_size(const Shape& /*prediction*/) const override { return kCells * count(); }
  int64_t results(const Shape& /*prediction*/) const override { return count(); }
  void update(const MetricCall& call) const override {
    const int64_t elements = call.prediction_shape.count(),
                  classes = paired_shape(call.target_shape, call.prediction_shape, class_name_).back();
    for (int64_t at = 0; at < call.rows * elements; ++at) {
      const int64_t own = at % classes;
      if (class_id_ >= 0 && own != class_id_) continue;
      const double weight = weight_at(call, at / elements, at % elements, elements);
      const bool in_top = top_k_ == 0 || is_in_top(call.predictions + (at - own), classes, own);
      const bool is = call.targets[at] != 0;
      for (int64_t i = 0; i < count(); ++i) {
        const bool said = in_top && (by_rank_alone_ || call.predictions[at] > thresholds_[static_cast<size_t>(i)]);
        call.state[kCells * i + (said ? (is ? TP : FP) : (is ? FN : TN))] += weight;
      }
    }
  }
  void read(const double* state, const Shape& /*prediction*/, double* results) const override {
    for (int64_t i = 0; i < count(); ++i) results[i] = result(state + kCells * i);
  }

 protected:
  Config confusion_config() const {
    Config config = base_config();
    config.set("thresholds", given_);
    config.set("top_k", top_k_ > 0 ? Config(top_k_) : Config());
    config.set("class_id", class_id_ >= 0 ? Config(class_id_) : Config());
    return config;
  }
  Config count_config() const {
    Config config = base_config();
    config.set("thresholds", given_);
    return config;
  }

 private:
  virtual double result(const double* cells) const = 0;
  int64_t count() const { return static_cast<int64_t>(thresholds_.size()); }
  // Of equal scores the earlier ones count first.
  bool is_in_top(const float* line, int64_t classes, int64_t own) const {
    int64_t before = 0;
    for (int64_t i = 0; i < classes; ++i) before += line[i] > line[own] || (line[i] == line[own] && i < own);
    return before < top_k_;
  }

  const char* class_name_;
  Config given_;
  std::vector<float> thresholds_;
  int64_t top_k_, class_id_;
  bool by_rank_alone_ = false;
};

double share(double part, double rest) { return part + rest == 0 ? 0 : part / (part + rest); }

struct IsPrecision {
  static constexpr const char *kClass = "Precision", *kName = "precision";
  static double result(const double* cells) { return share(cells[TP], cells[FP]); }
};
struct IsRecall {
  static constexpr const char *kClass = "Recall", *kName = "recall";
  static double result(const double* cells) { return share(cells[TP], cells[FN]); }
};

template <class Which>
class RatioMetric : public ConfusionMetric {
 public:
  explicit RatioMetric(const Config& config) : ConfusionMetric(config, Which::kClass, Which::kName) {
    require_known_keys(config, Which::kClass, {"name", "thresholds", "top_k", "class_id"});
  }
  Config config() const override { return confusion_config(); }
  Better better() const override { return Better::Larger; }

 private:
  double result(const double* cells) const override { return Which::result(cells); }
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
  Better better() const override { return Which::kCell == TP || Which::kCell == TN ? Better::Larger : Better::Smaller; }

 private:
  double result(const double* cells) const override { return cells[Which::kCell]; }
};

const std::vector<Config> kExamples{Config(Config::Object{}), Config::object({{"thresholds", 0.3}}),
                                    Config::object({{"thresholds", Config::List{0.2, 0.5, 0.8}}})};
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

Config list_or(const std::vector<float>& several, Config one) {
  if (several.empty()) return one;
  Config::List list;
  for (float value : several) list.emplace_back(value);
  return list;
}

}  // namespace

namespace metrics {
Spec Precision(const ConfusionOptions& options) {
  return metric_spec(IsPrecision::kClass, IsPrecision::kName, options.name,
                     {{"thresholds", list_or(options.thresholds, or_null(options.threshold))},
                      {"top_k", or_null(options.top_k)},
                      {"class_id", or_null(options.class_id)}});
}
Spec Recall(const ConfusionOptions& options) {
  return metric_spec(IsRecall::kClass, IsRecall::kName, options.name,
                     {{"thresholds", list_or(options.thresholds, or_null(options.threshold))},
                      {"top_k", or_null(options.top_k)},
                      {"class_id", or_null(options.class_id)}});
}
Spec TruePositives(const ThresholdOptions& options) {
  return metric_spec(CountTP::kClass, CountTP::kName, options.name,
                     {{"thresholds", list_or(options.thresholds, options.threshold)}});
}
Spec TrueNegatives(const ThresholdOptions& options) {
  return metric_spec(CountTN::kClass, CountTN::kName, options.name,
                     {{"thresholds", list_or(options.thresholds, options.threshold)}});
}
Spec FalsePositives(const ThresholdOptions& options) {
  return metric_spec(CountFP::kClass, CountFP::kName, options.name,
                     {{"thresholds", list_or(options.thresholds, options.threshold)}});
}
Spec FalseNegatives(const ThresholdOptions& options) {
  return metric_spec(CountFN::kClass, CountFN::kName, options.name,
                     {{"thresholds", list_or(options.thresholds, options.threshold)}});
}
}  // namespace metrics

}  // namespace batchwise
