// PearsonCorrelation and ConcordanceCorrelation of the elements along an axis of each sample, averaged over samples.
#include <cmath>

#include "base/known_keys.h"
#include "training/losses/pairing.h"
#include "training/metrics/mean_metric.h"

#include <batchwise/metrics.h>

namespace batchwise {
namespace {

constexpr double kEpsilon = 1e-7;

struct IsPearson {
  static constexpr const char *kClass = "PearsonCorrelation", *kName = "pearson_correlation";
  static double value(double covariance, double t_variance, double p_variance, double /*gap*/) {
    return covariance / (std::sqrt(t_variance) * std::sqrt(p_variance));
  }
};
struct IsConcordance {
  static constexpr const char *kClass = "ConcordanceCorrelation", *kName = "concordance_correlation";
  static double value(double covariance, double t_variance, double p_variance, double gap) {
    return 2 * covariance / (t_variance + p_variance + gap * gap + kEpsilon);
  }
};

template <class Which>
class CorrelationMetric : public MeanMetric {
 public:
  explicit CorrelationMetric(const Config& config) : MeanMetric(config, Which::kName), axis_(config.get("axis", -1)) {
    require_known_keys(config, Which::kClass, {"name", "axis"});
  }
  std::string_view class_name() const override { return Which::kClass; }
  Better better() const override { return Better::Larger; }
  Config config() const override {
    Config config = base_config();
    config.set("axis", axis_);
    return config;
  }
  void check(const Shape& target, const Shape& prediction) const override {
    axis_view(paired_shape(target, prediction, Which::kClass), axis_, Which::kClass);
  }
  void update(const MetricCall& call) const override {
    const Shape shape = paired_shape(call.target_shape, call.prediction_shape, Which::kClass);
    const AxisView view = axis_view(shape, axis_, Which::kClass);
    for (int64_t row = 0; row < call.rows; ++row)
      add_sample(call, row, view.outer * view.inner, [&](int64_t line) {
        const int64_t base = row * shape.count() + line / view.inner * view.size * view.inner + line % view.inner;
        return correlation(call.targets + base, call.predictions + base, view.size, view.inner);
      });
  }

 private:
  static double correlation(const float* t, const float* p, int64_t count, int64_t stride) {
    const double n = static_cast<double>(count);
    double mean_t = 0, mean_p = 0;
    for (int64_t i = 0; i < count; ++i) mean_t += t[i * stride], mean_p += p[i * stride];
    mean_t /= n;
    mean_p /= n;
    double tp = 0, tt = 0, pp = 0;
    for (int64_t i = 0; i < count; ++i) {
      const double a = t[i * stride] - mean_t, b = p[i * stride] - mean_p;
      tp += a * b;
      tt += a * a;
      pp += b * b;
    }
    return Which::value(tp / n, tt / n, pp / n, mean_t - mean_p);
  }

  int64_t axis_;
};

const Register<Metric, CorrelationMetric<IsPearson>> registered_pearson{
    IsPearson::kClass, {IsPearson::kName}, {Config(Config::Object{}), Config::object({{"axis", 1}})}};
const Register<Metric, CorrelationMetric<IsConcordance>> registered_concordance{
    IsConcordance::kClass, {IsConcordance::kName}, {Config(Config::Object{}), Config::object({{"axis", 1}})}};

}  // namespace

namespace metrics {
Spec PearsonCorrelation(const AxisOptions& options) {
  return metric_spec(IsPearson::kClass, IsPearson::kName, options.name, {{"axis", options.axis}});
}
Spec ConcordanceCorrelation(const AxisOptions& options) {
  return metric_spec(IsConcordance::kClass, IsConcordance::kName, options.name, {{"axis", options.axis}});
}
}  // namespace metrics

}  // namespace batchwise
