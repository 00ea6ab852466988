// R2Score: the share of the targets' variance that predictions explain.
#include <cmath>
#include <limits>

#include "base/known_keys.h"
#include "training/losses/pairing.h"
#include "training/metrics/named_metric.h"

#include <batchwise/metrics.h>

namespace batchwise {
namespace {

constexpr const char* kClass = "R2Score";
enum class Aggregation { None, Uniform, ByVariance };
constexpr const char* kWords[] = {nullptr, "uniform_average", "variance_weighted_average"};

// Of one output: sums of weight times target, squared target and squared error, and of the weight.
enum Sum { kTarget, kSquare, kError, kWeight, kSums };

// State: the number of targets, then the sums of each output.
class R2Metric : public NamedMetric {
 public:
  explicit R2Metric(const Config& config)
      : NamedMetric(config, "r2_score"), regressors_(config.get("num_regressors", 0)) {
    require_known_keys(config, kClass, {"name", "class_aggregation", "num_regressors"});
    require(regressors_ >= 0, kClass, "num_regressors must not be negative. Got ", regressors_, ".");
    const Config* word = config.find("class_aggregation");
    if (!word) return;
    aggregation_ = word->is_null()                        ? Aggregation::None
                   : word->as_string(kClass) == kWords[1] ? Aggregation::Uniform
                                                          : Aggregation::ByVariance;
    require(word->is_null() || word->as_string(kClass) == kWords[static_cast<int>(aggregation_)], kClass,
            "class_aggregation must be null, uniform_average or variance_weighted_average. Got ", word->text(), ".");
  }
  std::string_view class_name() const override { return kClass; }
  Better better() const override { return Better::Larger; }
  Config config() const override {
    Config config = base_config();
    config.set("class_aggregation",
               aggregation_ == Aggregation::None ? Config() : Config(kWords[static_cast<int>(aggregation_)]));
    config.set("num_regressors", regressors_);
    return config;
  }
  void check(const Shape& target, const Shape& prediction) const override {
    require(paired_shape(target, prediction, kClass).rank() == 1, kClass,
            "targets and predictions must be a list of numbers per sample. Got samples of shape ", target, " and ",
            prediction, ".");
  }
  int64_t state_size(const Shape& prediction) const override { return 1 + kSums * prediction.count(); }
  int64_t results(const Shape& prediction) const override {
    return aggregation_ == Aggregation::None ? prediction.count() : 1;
  }
  void update(const MetricCall& call) const override {
    const int64_t outputs = call.prediction_shape.count();
    for (int64_t row = 0; row < call.rows; ++row) {
      const double weight = weight_at(call, row, 0, 1);
      for (int64_t o = 0; o < outputs; ++o) {
        const double t = call.targets[row * outputs + o], gap = t - call.predictions[row * outputs + o];
        double* sums = call.state + 1 + kSums * o;
        sums[kTarget] += weight * t;
        sums[kSquare] += weight * t * t;
        sums[kError] += weight * gap * gap;
        sums[kWeight] += weight;
      }
    }
    call.state[0] += static_cast<double>(call.rows * outputs);
  }
  void read(const double* state, const Shape& prediction, double* results) const override {
    const int64_t outputs = prediction.count();
    double scores = 0, by_variance = 0, variances = 0;
    for (int64_t o = 0; o < outputs; ++o) {
      const double* sums = state + 1 + kSums * o;
      const double total = sums[kSquare] - sums[kTarget] * (sums[kTarget] / sums[kWeight]);
      double score = 1 - sums[kError] / total;
      if (std::isinf(score)) score = 0;
      if (aggregation_ == Aggregation::None) results[o] = adjusted(score, state[0]);
      scores += score;
      by_variance += total * score;
      variances += total;
    }
    if (aggregation_ == Aggregation::Uniform) *results = adjusted(scores / static_cast<double>(outputs), state[0]);
    if (aggregation_ == Aggregation::ByVariance) *results = adjusted(by_variance / variances, state[0]);
  }

 private:
  // Keras's `n` is the number of targets, not that of samples.
  double adjusted(double score, double n) const {
    const double p = static_cast<double>(regressors_);
    if (regressors_ == 0 || p >= n - 1) return score;
    return 1 - (1 - score) * (n - 1) / (n - p - 1);
  }

  Aggregation aggregation_ = Aggregation::Uniform;
  int64_t regressors_;
};

const Register<Metric, R2Metric> registered{
    kClass,
    {"r2_score"},
    {Config(Config::Object{}), Config::object({{"class_aggregation", nullptr}}),
     Config::object({{"class_aggregation", kWords[2]}, {"num_regressors", 2}})}};

}  // namespace

namespace metrics {
Spec R2Score(const R2Options& options) {
  return metric_spec(
      kClass, "r2_score", options.name,
      {{"class_aggregation", options.class_aggregation.empty() ? Config() : Config(options.class_aggregation)},
       {"num_regressors", options.num_regressors}});
}
}  // namespace metrics

}  // namespace batchwise
