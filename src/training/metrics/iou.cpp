// Intersection over union, from the confusion matrix of classes: IoU, MeanIoU, BinaryIoU, OneHotIoU, OneHotMeanIoU.
#include <cmath>
#include <optional>

#include "base/known_keys.h"
#include "training/metrics/classes.h"
#include "training/metrics/named_metric.h"

#include <batchwise/metrics.h>

namespace batchwise {
namespace {

struct About {
  const char *class_name, *name;
  bool one_hot_targets, one_hot_predictions;  // unless told otherwise: a line of scores per element instead of a class
  bool all_classes;                           // the mean is over every class
  bool binary;                                // two classes, told apart by a threshold
};
constexpr About kKinds[] = {
    {"IoU", "io_u", false, false, false, false},
    {"MeanIoU", "mean_io_u", false, false, true, false},
    {"BinaryIoU", "binary_io_u", false, false, false, true},
    {"OneHotIoU", "one_hot_io_u", true, true, false, false},
    {"OneHotMeanIoU", "one_hot_mean_io_u", true, true, true, false},
};
constexpr double kEpsilon = 1e-7;

// State: the matrix, targets by predictions.
class IouMetric : public NumberMetric {
 public:
  IouMetric(const Config& config, const About& about) : NumberMetric(config, about.name), about_(about) {
    if (about.binary) require_known_keys(config, about.class_name, {"name", "dtype", "target_class_ids", "threshold"});
    else
      require_known_keys(
          config, about.class_name,
          {"name", "dtype", "num_classes", about.all_classes ? "num_classes" : "target_class_ids", "ignore_class",
           about.one_hot_targets ? "sparse_y_pred" : "sparse_y_true", "sparse_y_pred", "axis"});
    read_dtype(config);
    require(about.binary || config.find("num_classes"), about.class_name, "num_classes must be given. Got nothing.");
    classes_ = about.binary ? 2 : config.get("num_classes", 0);
    require(classes_ >= 1 && classes_ <= 10'000, about.class_name, "num_classes must be 1 to 10000. Got ", classes_,
            ".");
    require(config.get("axis", -1) == -1, about.class_name, "classes lie on the last axis, -1. Got ",
            config.get("axis", -1), ".");
    if (const Config* ignored = config.find("ignore_class"); ignored && !ignored->is_null())
      ignored_ = ignored->as_int("ignore_class");
    scores_as_targets_ = !config.get("sparse_y_true", !about.one_hot_targets);
    scores_as_predictions_ = !config.get("sparse_y_pred", !about.one_hot_predictions);
    threshold_ = static_cast<float>(config.get("threshold", 0.5));
    read_wanted(config);
  }
  std::string_view class_name() const override { return about_.class_name; }
  Better better() const override { return Better::Larger; }
  Config config() const override {
    Config config = base_config();
    config.set("dtype", whole_weights_ ? "int" : "float32");
    if (!about_.all_classes) config.set("target_class_ids", Config(wanted_));
    if (about_.binary) {
      config.set("threshold", threshold_);
      return config;
    }
    config.set("num_classes", classes_);
    config.set("ignore_class", ignored_ ? Config(*ignored_) : Config());
    if (!about_.one_hot_targets) config.set("sparse_y_true", !scores_as_targets_);
    config.set("sparse_y_pred", !scores_as_predictions_);
    config.set("axis", -1);
    return config;
  }
  void check(const Shape& target, const Shape& prediction) const override {
    const auto elements = [&](const Shape& shape, bool scores, const char* what) {
      if (!scores) return shape.count();
      require(shape.rank() >= 1 && shape.back() == classes_, about_.class_name, what, " must end in an axis of ",
              classes_, " classes. Got samples of shape ", shape, ".");
      return shape.count() / classes_;
    };
    const int64_t t = elements(target, scores_as_targets_, "targets"),
                  p = elements(prediction, scores_as_predictions_, "predictions");
    require(t == p, about_.class_name, "there must be one target for each prediction. Got samples of shape ", target,
            " and ", prediction, ".");
  }
  int64_t state_size() const override { return classes_ * classes_; }

  void update(const MetricCall& call) const override {
    const int64_t target_size = scores_as_targets_ ? classes_ : 1,
                  prediction_size = scores_as_predictions_ ? classes_ : 1;
    const int64_t count = call.target_shape.count() / target_size;
    for (int64_t row = 0; row < call.rows; ++row)
      for (int64_t i = 0; i < count; ++i) {
        const int64_t at = row * count + i;
        const float *t = call.targets + at * target_size, *p = call.predictions + at * prediction_size;
        const double is = scores_as_targets_ ? static_cast<double>(largest_class(t, classes_)) : std::trunc(*t);
        const double said = about_.binary            ? *p >= threshold_
                            : scores_as_predictions_ ? static_cast<double>(largest_class(p, classes_))
                                                     : std::trunc(*p);
        const double classes = static_cast<double>(classes_);
        if (!(is >= 0 && is < classes && said >= 0 && said < classes)) continue;  // no classes: left out, as in Keras
        if (ignored_ && is == static_cast<double>(*ignored_)) continue;
        const double weight = weight_at(call, row, i, count);
        call.state[static_cast<int64_t>(is) * classes_ + static_cast<int64_t>(said)] +=
            whole_weights_ ? std::trunc(weight) : weight;
      }
  }

  double result(const double* state) const override {
    double sum = 0, present = 0;
    for (int64_t c : wanted_) {
      double either = -state[c * classes_ + c];
      for (int64_t other = 0; other < classes_; ++other)
        either += state[c * classes_ + other] + state[other * classes_ + c];
      if (either <= 1e-9) continue;
      sum += state[c * classes_ + c] / (either + kEpsilon);
      ++present;
    }
    return sum / (present + kEpsilon);
  }

 private:
  // Keras counts in whole numbers unless told otherwise: fractions of weights are cut off.
  void read_dtype(const Config& config) {
    const Config* dtype = config.find("dtype");
    if (!dtype || dtype->is_null()) return;
    const std::string& word = dtype->as_string("dtype");
    whole_weights_ = word.starts_with("int");
    require(whole_weights_ || word == "float32", about_.class_name, "dtype must be int or float32. Got \"", word,
            "\".");
  }
  void read_wanted(const Config& config) {
    if (about_.all_classes || (about_.binary && !config.find("target_class_ids"))) {
      for (int64_t c = 0; c < classes_; ++c) wanted_.push_back(c);
      return;
    }
    for (const Config& item : config.at("target_class_ids").as_list("target_class_ids")) {
      wanted_.push_back(item.as_int("target_class_ids"));
      require(wanted_.back() >= 0 && wanted_.back() < classes_, about_.class_name, "target_class_ids must lie in [0, ",
              classes_, "). Got ", wanted_.back(), ".");
    }
  }

  const About& about_;
  int64_t classes_ = 0;
  std::vector<int64_t> wanted_;
  std::optional<int64_t> ignored_;
  bool scores_as_targets_ = false, scores_as_predictions_ = false, whole_weights_ = true;
  float threshold_ = 0.5f;
};

std::vector<Config> examples(const About& about) {
  if (about.binary)
    return {Config(Config::Object{}), Config::object({{"target_class_ids", Config::List{1}}, {"threshold", 0.3}})};
  Config plain = Config::object({{"num_classes", 3}});
  if (!about.all_classes) plain.set("target_class_ids", Config::List{0, 2});
  Config ignoring = plain;
  ignoring.set("ignore_class", 1);
  ignoring.set("dtype", "float32");
  return {plain, ignoring};
}

struct RegisterKind {
  explicit RegisterKind(const About& about) {
    Registry<Metric>::instance().add(
        about.class_name,
        {[&about](const Config& config) { return std::make_unique<IouMetric>(config, about); }, examples(about)});
  }
};
const RegisterKind registered[] = {RegisterKind(kKinds[0]), RegisterKind(kKinds[1]), RegisterKind(kKinds[2]),
                                   RegisterKind(kKinds[3]), RegisterKind(kKinds[4])};

Spec spec_for(const About& about, const std::vector<int64_t>& wanted, const metrics::IoUOptions& options) {
  Spec spec = metric_spec(about.class_name, about.name, options.name,
                          {{"num_classes", options.num_classes},
                           {"ignore_class", options.ignore_class ? Config(*options.ignore_class) : Config()}});
  if (!about.all_classes) spec.config.set("target_class_ids", Config(wanted));
  if (!about.one_hot_targets && options.sparse_y_true) spec.config.set("sparse_y_true", *options.sparse_y_true);
  if (options.sparse_y_pred) spec.config.set("sparse_y_pred", *options.sparse_y_pred);
  return spec;
}

}  // namespace

namespace metrics {
Spec IoU(const std::vector<int64_t>& target_class_ids, const IoUOptions& options) {
  return spec_for(kKinds[0], target_class_ids, options);
}
Spec MeanIoU(const IoUOptions& options) { return spec_for(kKinds[1], {}, options); }
Spec BinaryIoU(const BinaryIoUOptions& options) {
  return metric_spec(kKinds[2].class_name, kKinds[2].name, options.name,
                     {{"target_class_ids", Config(options.target_class_ids)}, {"threshold", options.threshold}});
}
Spec OneHotIoU(const std::vector<int64_t>& target_class_ids, const IoUOptions& options) {
  return spec_for(kKinds[3], target_class_ids, options);
}
Spec OneHotMeanIoU(const IoUOptions& options) { return spec_for(kKinds[4], {}, options); }
}  // namespace metrics

}  // namespace batchwise
