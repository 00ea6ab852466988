// Metrics that are the mean of a loss: MeanSquaredError, BinaryCrossentropy, ...
#include <algorithm>
#include <cmath>

#include "base/known_keys.h"
#include "training/metrics/mean_metric.h"

#include <batchwise/loss.h>
#include <batchwise/metrics.h>

namespace batchwise {
namespace {

enum class Ending { Mean, Root, Negated };  // what is done to the mean of the losses

Config loss_config(Config config) {
  config.erase("name");
  require(config.find("reduction") == nullptr, "metric", "a metric has no reduction. Got ", config.text(), ".");
  return config;
}

class LossMetric : public MeanMetric {
 public:
  LossMetric(const Config& config, const char* class_name, const char* loss, const char* default_name, Ending ending)
      : MeanMetric(config, default_name),
        class_name_(class_name),
        loss_(make_loss(Spec(loss, loss_config(config)))),
        ending_(ending) {
    require(config.get("axis", -1) == -1, class_name, "the metric runs over the last axis, -1. Got ",
            config.get("axis", -1), ".");
  }
  std::string_view class_name() const override { return class_name_; }
  Config config() const override {
    Config config = base_config();
    const Config own = loss_->config();
    for (const auto& [key, value] : own.as_object())
      if (key != "name" && key != "reduction") config.set(key, value);
    return config;
  }
  bool takes_mask() const override { return ending_ != Ending::Root; }
  Better better() const override { return ending_ == Ending::Negated ? Better::Larger : Better::Smaller; }
  void check(const Shape& target, const Shape& prediction) const override { loss_->value_shape(target, prediction); }

  // Lines (the last axis) are handed to the loss as rows, so that a fixed number of values is enough for samples of any
  // size.
  void update(const MetricCall& call) const override {
    constexpr int64_t kLines = 64;
    float values[kLines];
    const int64_t per_sample = loss_->value_shape(call.target_shape, call.prediction_shape).count();
    const int64_t targets = call.target_shape.count() / per_sample,
                  predictions = call.prediction_shape.count() / per_sample;
    const Shape target_line = targets == 1 && predictions > 1 ? Shape{} : Shape{targets};
    const int64_t total = call.rows * per_sample;
    int64_t computed = 0;  // lines whose values were made; the last of them lie in `values`
    for (int64_t row = 0; row < call.rows; ++row)
      add_sample(call, row, per_sample, [&](int64_t line) {
        const int64_t at = row * per_sample + line;
        if (at == computed) {
          LossCall part;
          part.rows = std::min(kLines, total - at);
          part.target_shape = target_line;
          part.prediction_shape = Shape{predictions};
          part.targets = call.targets + at * targets;
          part.predictions = call.predictions + at * predictions;
          part.values = values;
          loss_->compute(part);
          computed += part.rows;
        }
        return static_cast<double>(values[at % kLines]);
      });
  }
  double result(const double* state) const override {
    const double mean = MeanMetric::result(state);
    return ending_ == Ending::Root ? std::sqrt(mean) : ending_ == Ending::Negated ? 0 - mean : mean;
  }

 private:
  const char* class_name_;
  std::unique_ptr<Loss> loss_;
  Ending ending_;
};

struct Row {
  const char *class_name, *loss, *name;
  std::vector<std::string> aliases;
  Ending ending = Ending::Mean;
};

struct RegisterRow {
  explicit RegisterRow(const Row& row) {
    auto& registry = Registry<Metric>::instance();
    registry.add(row.class_name, {[row](const Config& config) {
                                    return std::make_unique<LossMetric>(config, row.class_name, row.loss, row.name,
                                                                        row.ending);
                                  },
                                  {Config(Config::Object{})}});
    for (const std::string& alias : row.aliases) registry.alias(alias, row.class_name);
  }
};

const RegisterRow registered[] = {
    RegisterRow({"MeanSquaredError", "MeanSquaredError", "mean_squared_error", {"mean_squared_error", "mse", "MSE"}}),
    RegisterRow({"RootMeanSquaredError",
                 "MeanSquaredError",
                 "root_mean_squared_error",
                 {"root_mean_squared_error", "rmse", "RMSE"},
                 Ending::Root}),
    RegisterRow(
        {"MeanAbsoluteError", "MeanAbsoluteError", "mean_absolute_error", {"mean_absolute_error", "mae", "MAE"}}),
    RegisterRow({"MeanAbsolutePercentageError",
                 "MeanAbsolutePercentageError",
                 "mean_absolute_percentage_error",
                 {"mean_absolute_percentage_error", "mape", "MAPE"}}),
    RegisterRow({"MeanSquaredLogarithmicError",
                 "MeanSquaredLogarithmicError",
                 "mean_squared_logarithmic_error",
                 {"mean_squared_logarithmic_error", "msle", "MSLE"}}),
    RegisterRow({"CosineSimilarity", "CosineSimilarity", "cosine_similarity", {"cosine_similarity"}, Ending::Negated}),
    RegisterRow({"LogCoshError", "LogCosh", "logcosh", {"logcosh", "log_cosh", "log_cosh_error"}}),
    RegisterRow({"Hinge", "Hinge", "hinge", {"hinge"}}),
    RegisterRow({"SquaredHinge", "SquaredHinge", "squared_hinge", {"squared_hinge"}}),
    RegisterRow({"CategoricalHinge", "CategoricalHinge", "categorical_hinge", {"categorical_hinge"}}),
    RegisterRow({"KLDivergence", "KLDivergence", "kl_divergence", {"kl_divergence", "kld", "KLD"}}),
    RegisterRow({"Poisson", "Poisson", "poisson", {"poisson"}}),
    RegisterRow(
        {"BinaryCrossentropy", "BinaryCrossentropy", "binary_crossentropy", {"binary_crossentropy", "bce", "BCE"}}),
    RegisterRow({"CategoricalCrossentropy",
                 "CategoricalCrossentropy",
                 "categorical_crossentropy",
                 {"categorical_crossentropy"}}),
    RegisterRow({"SparseCategoricalCrossentropy",
                 "SparseCategoricalCrossentropy",
                 "sparse_categorical_crossentropy",
                 {"sparse_categorical_crossentropy"}}),
};

}  // namespace

namespace metrics {
Spec MeanSquaredError(const NameOptions& options) {
  return metric_spec("MeanSquaredError", "mean_squared_error", options.name);
}
Spec RootMeanSquaredError(const NameOptions& options) {
  return metric_spec("RootMeanSquaredError", "root_mean_squared_error", options.name);
}
Spec MeanAbsoluteError(const NameOptions& options) {
  return metric_spec("MeanAbsoluteError", "mean_absolute_error", options.name);
}
Spec MeanAbsolutePercentageError(const NameOptions& options) {
  return metric_spec("MeanAbsolutePercentageError", "mean_absolute_percentage_error", options.name);
}
Spec MeanSquaredLogarithmicError(const NameOptions& options) {
  return metric_spec("MeanSquaredLogarithmicError", "mean_squared_logarithmic_error", options.name);
}
Spec CosineSimilarity(const NameOptions& options) {
  return metric_spec("CosineSimilarity", "cosine_similarity", options.name);
}
Spec LogCoshError(const NameOptions& options) { return metric_spec("LogCoshError", "logcosh", options.name); }
Spec Hinge(const NameOptions& options) { return metric_spec("Hinge", "hinge", options.name); }
Spec SquaredHinge(const NameOptions& options) { return metric_spec("SquaredHinge", "squared_hinge", options.name); }
Spec CategoricalHinge(const NameOptions& options) {
  return metric_spec("CategoricalHinge", "categorical_hinge", options.name);
}
Spec KLDivergence(const NameOptions& options) { return metric_spec("KLDivergence", "kl_divergence", options.name); }
Spec Poisson(const NameOptions& options) { return metric_spec("Poisson", "poisson", options.name); }
Spec BinaryCrossentropy(const CrossentropyOptions& options) {
  return metric_spec("BinaryCrossentropy", "binary_crossentropy", options.name,
                     {{"from_logits", options.from_logits}, {"label_smoothing", options.label_smoothing}});
}
Spec CategoricalCrossentropy(const CrossentropyOptions& options) {
  return metric_spec("CategoricalCrossentropy", "categorical_crossentropy", options.name,
                     {{"from_logits", options.from_logits}, {"label_smoothing", options.label_smoothing}});
}
Spec SparseCategoricalCrossentropy(const SparseCrossentropyOptions& options) {
  return metric_spec("SparseCategoricalCrossentropy", "sparse_categorical_crossentropy", options.name,
                     {{"from_logits", options.from_logits}});
}
}  // namespace metrics

}  // namespace batchwise
