// AUC: the area under the ROC, precision-recall or precision-recall-gain curve, from counts between thresholds.
#include <algorithm>
#include <cmath>

#include "base/known_keys.h"
#include "training/losses/logistic.h"
#include "training/losses/pairing.h"
#include "training/metrics/named_metric.h"
#include "training/metrics/thresholds.h"

#include <batchwise/metrics.h>

namespace batchwise {
namespace {

constexpr const char* kClass = "AUC";
enum class Curve { ROC, PR, PRGain };
enum class Summation { Interpolation, Minoring, Majoring };

double over(double a, double b) { return b == 0 ? 0 : a / b; }

Curve curve_named(const std::string& word) {
  if (word == "ROC" || word == "roc") return Curve::ROC;
  if (word == "PR" || word == "pr") return Curve::PR;
  if (word == "PRGAIN" || word == "prgain") return Curve::PRGain;
  fail("AUC.curve", "the curve must be ROC, PR or PRGAIN. Got \"", word, "\".");
}

Summation summation_named(const std::string& word) {
  if (word == "interpolation" || word == "Interpolation") return Summation::Interpolation;
  if (word == "minoring" || word == "Minoring") return Summation::Minoring;
  if (word == "majoring" || word == "Majoring") return Summation::Majoring;
  fail("AUC.summation_method", "the summation must be interpolation, minoring or majoring. Got \"", word, "\".");
}

// State: Thresholds' sums, for each label where labels have curves of their own.
class AucMetric : public NamedMetric {
 public:
  explicit AucMetric(const Config& config)
      : NamedMetric(config, "auc"),
        curve_(curve_named(config.get("curve", "ROC"))),
        summation_(summation_named(config.get("summation_method", "interpolation"))),
        from_logits_(config.get("from_logits", false)),
        by_label_(config.get("multi_label", false)),
        num_labels_(config.get("num_labels", 0)),
        given_(read_thresholds(config, "thresholds", kClass)) {
    require_known_keys(config, kClass,
                       {"name", "num_thresholds", "curve", "summation_method", "thresholds", "multi_label",
                        "num_labels", "label_weights", "from_logits"});
    require(num_labels_ == 0 || by_label_, "AUC.num_labels", "it has a meaning only with multi_label. Got ",
            num_labels_, ".");
    if (const Config* weights = config.find("label_weights"); weights && !weights->is_null())
      for (const Config& item : weights->as_list("AUC.label_weights")) {
        label_weights_.push_back(static_cast<float>(item.as_number("AUC.label_weights")));
        require(label_weights_.back() >= 0, "AUC.label_weights", "weights must not be negative. Got ",
                label_weights_.back(), ".");
      }
    if (!given_.empty()) {
      std::sort(given_.begin(), given_.end());
      thresholds_ = Thresholds::around(given_);
      return;
    }
    const int64_t count = config.get("num_thresholds", 200);
    require(count > 1 && count <= 1'000'000, "AUC.num_thresholds",
            "the number of thresholds must be 2 to 1000000. Got ", count, ".");
    thresholds_ = Thresholds::even(count, true);
  }
  std::string_view class_name() const override { return kClass; }
  Better better() const override { return Better::Larger; }
  Config config() const override {
    Config config = base_config();
    const auto list = [](const std::vector<float>& values) {
      Config::List items;
      for (float value : values) items.emplace_back(value);
      return Config(items);
    };
    config.set("num_thresholds", thresholds_.count());
    config.set("curve", curve_ == Curve::ROC ? "ROC" : curve_ == Curve::PR ? "PR" : "PRGAIN");
    config.set("summation_method", summation_ == Summation::Interpolation ? "interpolation"
                                   : summation_ == Summation::Minoring    ? "minoring"
                                                                          : "majoring");
    config.set("multi_label", by_label_);
    config.set("num_labels", num_labels_ > 0 ? Config(num_labels_) : Config());
    config.set("label_weights", label_weights_.empty() ? Config() : list(label_weights_));
    config.set("from_logits", from_logits_);
    if (!given_.empty()) config.set("thresholds", list(given_));
    return config;
  }
  void check(const Shape& target, const Shape& prediction) const override {
    const Shape shape = paired_shape(target, prediction, kClass);
    require(!by_label_ || prediction.rank() == 1, kClass,
            "with multi_label, predictions must be one number per label. "
            "Got samples of shape ",
            prediction, ".");
    require(num_labels_ == 0 || num_labels_ == shape.back(), "AUC.num_labels",
            "it must be the number of predictions of a sample, ", shape.back(), ". Got ", num_labels_, ".");
    require(label_weights_.empty() || static_cast<int64_t>(label_weights_.size()) == shape.back(), "AUC.label_weights",
            "there must be one for each of ", shape.back(), " labels. Got ", label_weights_.size(), ".");
  }
  int64_t state_size(const Shape& prediction) const override { return curves(prediction) * thresholds_.doubles(); }

  void update(const MetricCall& call) const override {
    const int64_t count = call.prediction_shape.count(),
                  labels = call.prediction_shape.rank() > 0 ? call.prediction_shape.back() : 1;
    for (int64_t row = 0; row < call.rows; ++row)
      for (int64_t i = 0; i < count; ++i) {
        const int64_t at = row * count + i, label = i % labels;
        double weight = weight_at(call, row, i, count);
        if (!by_label_ && !label_weights_.empty()) weight *= label_weights_[static_cast<size_t>(label)];
        const float p = from_logits_ ? sigmoid(call.predictions[at]) : call.predictions[at];
        const bool is = call.targets[at] != 0;
        thresholds_.add(call.state + (by_label_ ? label * thresholds_.doubles() : 0), p, is ? weight : 0,
                        is ? 0 : weight);
      }
  }

  void read(const double* state, const Shape& prediction, double* results) const override {
    double sum = 0, weights = 0;
    for (int64_t c = 0; c < curves(prediction); ++c) {
      const double weight = by_label_ && !label_weights_.empty() ? label_weights_[static_cast<size_t>(c)] : 1.0;
      sum += weight * area(state + c * thresholds_.doubles());
      weights += weight;
    }
    *results = over(sum, weights);
  }

 private:
  struct Corner {
    double x, y;
  };
  int64_t curves(const Shape& prediction) const { return by_label_ ? prediction.back() : 1; }

  // From the highest threshold, where nothing lies above, down.
  double area(const double* sums) const {
    const ThresholdPoint all = thresholds_.totals(sums);
    double area = 0;
    ThresholdPoint above;
    bool first = true;
    thresholds_.from_the_top(sums, [&](const ThresholdPoint& here) {
      if (!first) area += strip(here, above, all);
      first = false;
      above = here;
    });
    return area;
  }

  double strip(const ThresholdPoint& here, const ThresholdPoint& above, const ThresholdPoint& all) const {
    if (curve_ == Curve::PR && summation_ == Summation::Interpolation) {
      // True positives grow linearly between two thresholds, precision does not (Davis and Goadrich).
      const double dtp = here.tp - above.tp, said = here.tp + here.fp, said_above = above.tp + above.fp;
      const double slope = over(dtp, std::max(said - said_above, 0.0)), intercept = above.tp - slope * said_above;
      const double ratio = said > 0 && said_above > 0 ? said / said_above : 1;
      return over(slope * (dtp + intercept * std::log(ratio)), all.tp);
    }
    const Corner a = corner(here, all), b = corner(above, all);
    const double height = summation_ == Summation::Interpolation ? (a.y + b.y) / 2
                          : summation_ == Summation::Minoring    ? std::min(a.y, b.y)
                                                                 : std::max(a.y, b.y);
    return (a.x - b.x) * height;
  }

  Corner corner(const ThresholdPoint& at, const ThresholdPoint& all) const {
    const double recall = over(at.tp, all.tp);
    if (curve_ == Curve::ROC) return {over(at.fp, all.fp), recall};
    if (curve_ == Curve::PR) return {recall, over(at.tp, at.tp + at.fp)};
    if (at.tp == 0) return {0, 1};
    const double odds = over(all.tp, all.fp);
    return {std::max(1 - odds * (all.tp - at.tp) / at.tp, 0.0), 1 - odds * at.fp / at.tp};
  }

  Curve curve_;
  Summation summation_;
  bool from_logits_, by_label_;
  int64_t num_labels_;
  std::vector<float> label_weights_;
  std::vector<float> given_;  // sorted
  Thresholds thresholds_;
};

const Register<Metric, AucMetric> registered{
    kClass,
    {"auc"},
    {Config(Config::Object{}), Config::object({{"curve", "PR"}, {"thresholds", Config::List{0.25, 0.5}}}),
     Config::object({{"curve", "PRGAIN"}, {"summation_method", "majoring"}, {"num_thresholds", 11}}),
     Config::object({{"multi_label", true}})}};

}  // namespace

namespace metrics {
Spec AUC(const AUCOptions& options) {
  Spec spec = metric_spec(kClass, "auc", options.name,
                          {{"num_thresholds", options.num_thresholds},
                           {"curve", options.curve},
                           {"summation_method", options.summation_method},
                           {"multi_label", options.multi_label},
                           {"from_logits", options.from_logits}});
  const auto put = [&](const char* key, const std::vector<float>& values) {
    if (values.empty()) return;
    Config::List list;
    for (float value : values) list.emplace_back(value);
    spec.config.set(key, list);
  };
  put("thresholds", options.thresholds);
  put("label_weights", options.label_weights);
  return spec;
}
}  // namespace metrics

}  // namespace batchwise
