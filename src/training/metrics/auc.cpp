// AUC: the area under the ROC or precision-recall curve, from counts between thresholds.
#include <algorithm>
#include <cmath>

#include "base/known_keys.h"
#include "training/losses/logistic.h"
#include "training/losses/pairing.h"
#include "training/metrics/named_metric.h"

#include <batchwise/metrics.h>

namespace batchwise {
namespace {

constexpr const char* kClass = "AUC";
enum class Curve { ROC, PR };
enum class Summation { Interpolation, Minoring, Majoring };

double over(double a, double b) { return b == 0 ? 0 : a / b; }

Curve curve_named(const std::string& word) {
  if (word == "ROC" || word == "roc") return Curve::ROC;
  if (word == "PR" || word == "pr") return Curve::PR;
  fail("AUC.curve", "the curve must be ROC or PR. Got \"", word, "\".");
}

Summation summation_named(const std::string& word) {
  if (word == "interpolation" || word == "Interpolation") return Summation::Interpolation;
  if (word == "minoring" || word == "Minoring") return Summation::Minoring;
  if (word == "majoring" || word == "Majoring") return Summation::Majoring;
  fail("AUC.summation_method", "the summation must be interpolation, minoring or majoring. Got \"", word, "\".");
}

// State: for each threshold, the weight of positives and then of negatives whose prediction lies above it but not above
// the next.
class AucMetric : public NamedMetric {
 public:
  explicit AucMetric(const Config& config) : NamedMetric(config, "auc") {
    require_known_keys(config, kClass,
                       {"name", "num_thresholds", "curve", "summation_method", "thresholds", "multi_label",
                        "num_labels", "label_weights", "from_logits"});
    require(!config.get("multi_label", false), "AUC.multi_label",
            "one curve is made over all labels: multi_label must be false. Got true.");
    for (const char* key : {"num_labels", "label_weights"})
      require(!config.find(key) || config.find(key)->is_null(), kClass, key,
              " has a meaning only with multi_label. Got ", config.text(), ".");
    curve_ = curve_named(config.get("curve", "ROC"));
    summation_ = summation_named(config.get("summation_method", "interpolation"));
    from_logits_ = config.get("from_logits", false);
    const Config* given = config.find("thresholds");
    if (given && !given->is_null()) {
      for (const Config& item : given->as_list("AUC.thresholds")) {
        const float threshold = static_cast<float>(item.as_number("AUC.thresholds"));
        require(threshold >= 0 && threshold <= 1, "AUC.thresholds", "thresholds must lie in [0, 1]. Got ", threshold,
                ".");
        inner_.push_back(threshold);
      }
      std::sort(inner_.begin(), inner_.end());
      count_ = static_cast<int64_t>(inner_.size()) + 2;
    } else {
      count_ = config.get("num_thresholds", 200);
      require(count_ > 1 && count_ <= 1'000'000, "AUC.num_thresholds",
              "the number of thresholds must be 2 to 1000000. Got ", count_, ".");
    }
  }
  std::string_view class_name() const override { return kClass; }
  Config config() const override {
    Config config = base_config();
    config.set("num_thresholds", count_);
    config.set("curve", curve_ == Curve::ROC ? "ROC" : "PR");
    config.set("summation_method", summation_ == Summation::Interpolation ? "interpolation"
                                   : summation_ == Summation::Minoring    ? "minoring"
                                                                          : "majoring");
    config.set("multi_label", false);
    config.set("num_labels", nullptr);
    config.set("label_weights", nullptr);
    config.set("from_logits", from_logits_);
    if (!inner_.empty()) {
      Config::List list;
      for (float threshold : inner_) list.emplace_back(threshold);
      config.set("thresholds", list);
    }
    return config;
  }
  void check(const Shape& target, const Shape& prediction) const override { paired_shape(target, prediction, kClass); }
  int state_size() const override { return static_cast<int>(2 * count_); }
  void update(const MetricCall& call) const override {
    const int64_t count = call.prediction_shape.count();
    double *positives = call.state, *negatives = call.state + count_;
    for (int64_t at = 0; at < call.rows * count; ++at) {
      const double weight = call.weights ? call.weights[at / count] : 1.0;
      const float p = from_logits_ ? sigmoid(call.predictions[at]) : call.predictions[at];
      const int64_t below = last_threshold_below(p);
      positives[below] += weight * call.targets[at];
      negatives[below] += weight * (1 - static_cast<double>(call.targets[at]));
    }
  }
  // One pass from the highest threshold down, where nothing lies above.
  double result(const double* state) const override {
    const double *positives = state, *negatives = state + count_;
    double all_positives = 0, all_negatives = 0;
    for (int64_t i = 0; i < count_; ++i) all_positives += positives[i], all_negatives += negatives[i];
    double area = 0;
    Point above{0, 0};
    if (count_ > 0) above = {positives[count_ - 1], negatives[count_ - 1]};
    for (int64_t i = count_ - 2; i >= 0; --i) {
      const Point here{above.tp + positives[i], above.fp + negatives[i]};
      area += strip(here, above, all_positives, all_negatives);
      above = here;
    }
    return area;
  }

 private:
  struct Point {
    double tp, fp;
  };  // positives and negatives said to be positive at a threshold

  int64_t last_threshold_below(float p) const {
    if (!(p > 0)) return 0;  // also NaN
    if (!inner_.empty()) return std::lower_bound(inner_.begin(), inner_.end(), p) - inner_.begin();
    const float at = std::ceil(std::min(p, 1.0f) * static_cast<float>(count_ - 1)) - 1;  // as Keras buckets, in float32
    return std::max<int64_t>(0, static_cast<int64_t>(at));
  }

  double strip(const Point& here, const Point& above, double positives, double negatives) const {
    if (curve_ == Curve::PR &&
        summation_ == Summation::Interpolation) {  // Davis & Goadrich: true positives grow linearly, precision does not
      const double dtp = here.tp - above.tp, all = here.tp + here.fp, all_above = above.tp + above.fp;
      const double slope = over(dtp, std::max(all - all_above, 0.0)), intercept = above.tp - slope * all_above;
      const double ratio = all > 0 && all_above > 0 ? all / all_above : 1;
      return over(slope * (dtp + intercept * std::log(ratio)), positives);
    }
    const double recall = over(here.tp, positives), recall_above = over(above.tp, positives);
    const bool roc = curve_ == Curve::ROC;
    const double x = roc ? over(here.fp, negatives) : recall, x_above = roc ? over(above.fp, negatives) : recall_above;
    const double y = roc ? recall : over(here.tp, here.tp + here.fp),
                 y_above = roc ? recall_above : over(above.tp, above.tp + above.fp);
    const double height = summation_ == Summation::Interpolation ? (y + y_above) / 2
                          : summation_ == Summation::Minoring    ? std::min(y, y_above)
                                                                 : std::max(y, y_above);
    return (x - x_above) * height;
  }

  Curve curve_;
  Summation summation_;
  bool from_logits_;
  std::vector<float> inner_;  // the user's, sorted; one more lies just below 0 and one just above 1
  int64_t count_;
};

const Register<Metric, AucMetric> registered{
    kClass,
    {"auc"},
    {Config(Config::Object{}), Config::object({{"curve", "PR"}, {"thresholds", Config::List{0.25, 0.5}}})}};

}  // namespace

namespace metrics {
Spec AUC(const AUCOptions& options) {
  Spec spec = metric_spec(kClass, "auc", options.name,
                          {{"num_thresholds", options.num_thresholds},
                           {"curve", options.curve},
                           {"summation_method", options.summation_method},
                           {"from_logits", options.from_logits}});
  if (options.thresholds.empty()) return spec;
  Config::List list;
  for (float threshold : options.thresholds) list.emplace_back(threshold);
  spec.config.set("thresholds", list);
  return spec;
}
}  // namespace metrics

}  // namespace batchwise
