// FBetaScore and F1Score: the harmonic mean of precision and recall, for each class or over all.
#include <cmath>
#include <optional>

#include "base/known_keys.h"
#include "training/metrics/named_metric.h"

#include <batchwise/metrics.h>

namespace batchwise {
namespace {

constexpr const char* kClass = "FBetaScore";
constexpr const char* kOne = "F1Score";
constexpr double kEpsilon = 1e-7;
enum class Average { None, Micro, Macro, Weighted };

Average read_average(const Config& config, std::string_view where) {
  const std::string word = config.get("average", "none");
  if (word == "none") return Average::None;
  if (word == "micro") return Average::Micro;
  if (word == "macro") return Average::Macro;
  if (word == "weighted") return Average::Weighted;
  fail(where, "average must be null, micro, macro or weighted. Got \"", word, "\".");
}

// State: true positives, false positives, false negatives and weight of positives; of each class, or of all (micro).
class FBetaMetric : public NamedMetric {
 public:
  explicit FBetaMetric(const Config& config) : FBetaMetric(config, kClass, "fbeta_score", config.get("beta", 1.0)) {
    require_known_keys(config, kClass, {"name", "average", "beta", "threshold"});
  }
  std::string_view class_name() const override { return class_name_; }
  Better better() const override { return Better::Larger; }
  Config config() const override {
    constexpr const char* kWords[] = {nullptr, "micro", "macro", "weighted"};
    Config config = base_config();
    config.set("average", average_ == Average::None ? Config() : Config(kWords[static_cast<int>(average_)]));
    if (class_name() == kClass) config.set("beta", beta_);
    config.set("threshold", threshold_ ? Config(*threshold_) : Config());
    return config;
  }
  void check(const Shape& target, const Shape& prediction) const override {
    require(target == prediction && prediction.rank() == 1, class_name_,
            "targets and predictions must be one number per class. Got samples of shape ", target, " and ", prediction,
            ".");
  }
  int64_t state_size(const Shape& prediction) const override { return 4 * groups(prediction); }
  int64_t results(const Shape& prediction) const override { return average_ == Average::None ? prediction.back() : 1; }
  void update(const MetricCall& call) const override {
    const int64_t classes = call.prediction_shape.back();
    for (int64_t row = 0; row < call.rows; ++row) {
      const float *t = call.targets + row * classes, *p = call.predictions + row * classes;
      const double weight = weight_at(call, row, 0, 1);
      float most = p[0];
      for (int64_t c = 1; c < classes; ++c) most = std::max(most, p[c]);
      for (int64_t c = 0; c < classes; ++c) {
        const bool said = threshold_ ? p[c] > *threshold_ : p[c] >= most && std::fabs(p[c]) > 1e-9f;
        double* sums = call.state + (average_ == Average::Micro ? 0 : 4 * c);
        sums[0] += weight * (said ? t[c] : 0.0f);
        sums[1] += weight * (said ? 1 - t[c] : 0.0f);
        sums[2] += weight * (said ? 0.0f : t[c]);
        sums[3] += weight * t[c];
      }
    }
  }
  void read(const double* state, const Shape& prediction, double* results) const override {
    const int64_t groups = this->groups(prediction);
    double sum = 0, all = kEpsilon;
    for (int64_t g = 0; g < groups; ++g) all += state[4 * g + 3];
    for (int64_t g = 0; g < groups; ++g) {
      const double* sums = state + 4 * g;
      const double precision = sums[0] / (sums[0] + sums[1] + kEpsilon),
                   recall = sums[0] / (sums[0] + sums[2] + kEpsilon);
      const double score = precision * recall / (beta_ * beta_ * precision + recall + kEpsilon) * (1 + beta_ * beta_);
      if (average_ == Average::None) results[g] = score;
      sum += average_ == Average::Weighted ? score * (sums[3] / all) : score / static_cast<double>(groups);
    }
    if (average_ != Average::None) *results = sum;
  }

 protected:
  FBetaMetric(const Config& config, const char* class_name, const char* name, double beta)
      : NamedMetric(config, name), class_name_(class_name), average_(read_average(config, class_name)), beta_(beta) {
    require(beta_ > 0, class_name, "beta must be positive. Got ", beta_, ".");
    const Config* threshold = config.find("threshold");
    if (!threshold || threshold->is_null()) return;
    threshold_ = static_cast<float>(threshold->as_number("threshold"));
    require(*threshold_ > 0 && *threshold_ <= 1, class_name, "threshold must lie in (0, 1]. Got ", *threshold_, ".");
  }

 private:
  int64_t groups(const Shape& prediction) const { return average_ == Average::Micro ? 1 : prediction.back(); }

  const char* class_name_;
  Average average_;
  double beta_;
  std::optional<float> threshold_;
};

class F1Metric : public FBetaMetric {
 public:
  explicit F1Metric(const Config& config) : FBetaMetric(config, kOne, "f1_score", 1) {
    require_known_keys(config, kOne, {"name", "average", "threshold"});
  }
};

const std::vector<Config> kExamples{Config(Config::Object{}), Config::object({{"average", "micro"}}),
                                    Config::object({{"average", "macro"}, {"threshold", 0.4}}),
                                    Config::object({{"average", "weighted"}})};
const Register<Metric, FBetaMetric> registered{kClass, {"fbeta_score", "f_beta_score"}, kExamples};
const Register<Metric, F1Metric> registered_one{kOne, {"f1_score"}, kExamples};

Config average_config(const std::string& word) { return word.empty() ? Config() : Config(word); }
Config threshold_config(const std::optional<float>& value) { return value ? Config(*value) : Config(); }

}  // namespace

namespace metrics {
Spec FBetaScore(const FBetaOptions& options) {
  return metric_spec(kClass, "fbeta_score", options.name,
                     {{"average", average_config(options.average)},
                      {"beta", options.beta},
                      {"threshold", threshold_config(options.threshold)}});
}
Spec F1Score(const F1Options& options) {
  return metric_spec(
      kOne, "f1_score", options.name,
      {{"average", average_config(options.average)}, {"threshold", threshold_config(options.threshold)}});
}
}  // namespace metrics

}  // namespace batchwise
