// Metrics against results computed by Keras batch by batch, and how names become metrics.
#include <cmath>
#include <fstream>
#include <optional>
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <batchwise/metric.h>
#include <batchwise/metrics.h>

namespace batchwise {
namespace {

using nlohmann::json;

Config to_config(const json& value) {
  if (value.is_boolean()) return Config(value.get<bool>());
  if (value.is_number_integer()) return Config(value.get<int64_t>());
  if (value.is_number()) return Config(value.get<double>());
  if (value.is_string()) return Config(value.get<std::string>());
  if (value.is_null()) return {};
  if (value.is_array()) {
    Config::List list;
    for (const json& item : value) list.push_back(to_config(item));
    return list;
  }
  Config object = Config(Config::Object{});
  for (const auto& [key, item] : value.items()) object.set(key, to_config(item));
  return object;
}

Shape sample_shape(const json& data) {
  const auto dims = data["shape"].get<std::vector<int64_t>>();
  return Shape(std::span<const int64_t>(dims.data() + 1, dims.size() - 1));
}

std::vector<double> numbers(const json& value) {
  std::vector<double> out;
  if (!value.is_array()) out.push_back(value.is_string() ? std::nan("") : value.get<double>());
  else
    for (const json& item : value) out.push_back(numbers(item)[0]);
  return out;
}

// A metric, and its state for samples of one shape.
struct Sums {
  Sums(const Metric& of, const Shape& shape)
      : metric(of), prediction(shape), state(static_cast<size_t>(of.state_size(shape))) {}
  std::vector<double> results() const {
    std::vector<double> out(static_cast<size_t>(metric.results(prediction)));
    metric.read(state.data(), prediction, out.data());
    return out;
  }
  const Metric& metric;
  Shape prediction;
  std::vector<double> state;
};

void expect_near(const std::vector<double>& got, const std::vector<double>& wanted, double limit) {
  ASSERT_EQ(got.size(), wanted.size());
  for (size_t i = 0; i < got.size(); ++i) {
    if (std::isnan(wanted[i])) EXPECT_TRUE(std::isnan(got[i])) << i;
    else EXPECT_NEAR(got[i], wanted[i], limit * std::max(1.0, std::fabs(wanted[i]))) << i;
  }
}

TEST(Metrics, AgreeWithKerasAfterEveryBatch) {
  std::ifstream file(BATCHWISE_SOURCE_DIR "/tests/golden/metrics.json");
  const json golden = json::parse(file);
  std::set<std::string> classes;
  int checked = 0;
  for (const json& item : golden["cases"]) {
    const std::string name = item["metric"];
    if (name == "Mean" || name == "Sum") continue;  // of values, not of targets and predictions
    const json& settings = item["config"];
    SCOPED_TRACE(name + " " + settings.dump() + " on " + item["data"].get<std::string>() + " weights " +
                 item["sample_weight"].dump());
    const json& data = golden["data"][item["data"].get<std::string>()];
    const Shape target = sample_shape(data["y_true"]), prediction = sample_shape(data["y_pred"]);
    const auto t = data["y_true"]["values"].get<std::vector<float>>(),
               p = data["y_pred"]["values"].get<std::vector<float>>();
    std::vector<float> weights;
    if (!item["sample_weight"].is_null()) weights = item["sample_weight"].get<std::vector<float>>();
    Config config = to_config(settings);
    config.set("name", item["name"].get<std::string>());  // also keeps "Accuracy" the class of that name
    const auto metric = make_metric(Spec(name, config), target, prediction);
    EXPECT_EQ(metric->name(), item["name"].get<std::string>());
    Sums sums(*metric, prediction);
    expect_near(sums.results(), numbers(item["after_reset"]), 0);
    int64_t row = 0, batch = 0;
    for (int64_t rows : golden["batches"].get<std::vector<int64_t>>()) {
      metric->update({rows, target, prediction, t.data() + row * target.count(), p.data() + row * prediction.count(),
                      weights.empty() ? nullptr : weights.data() + row, sums.state.data()});
      row += rows;
      expect_near(sums.results(), numbers(item["after"][batch++]), 2e-6);
      if (HasFailure()) return;
    }
    classes.insert(name);
    ++checked;
  }
  EXPECT_EQ(classes.size(), 42u);
  EXPECT_EQ(checked, 226);
}

// Shapes that a metric takes, found by asking it.
struct Fit {
  Shape target, prediction;
};
std::optional<Fit> fit_of(const Metric& metric) {
  for (const Fit& fit : {Fit{{4, 3}, {4, 3}}, Fit{{4}, {4, 3}}, Fit{{3}, {3}}, Fit{{}, {3}}, Fit{{4}, {4}}}) {
    try {
      metric.check(fit.target, fit.prediction);
      return fit;
    } catch (const Error&) {}
  }
  return std::nullopt;
}

template <class Work>
void for_every_metric(const Work& work) {
  for (const std::string& name : Registry<Metric>::instance().names())
    for (const Config& example : Registry<Metric>::instance().find(name)->examples) {
      SCOPED_TRACE(name + " " + example.text());
      const auto metric = Registry<Metric>::instance().make(Spec(name, example), "metric");
      const auto fit = fit_of(*metric);
      ASSERT_TRUE(fit.has_value());
      work(*metric, *fit);
    }
}

struct Samples {
  Samples(const Fit& fit, int64_t rows)
      : t(static_cast<size_t>(rows * fit.target.count())), p(t), w(static_cast<size_t>(rows)) {
    const bool labels = fit.target.rank() < fit.prediction.rank();
    p.resize(static_cast<size_t>(rows * fit.prediction.count()));
    for (size_t i = 0; i < t.size(); ++i) t[i] = static_cast<float>(i * 7 % (labels ? 3 : 2));
    for (size_t i = 0; i < p.size(); ++i) p[i] = 0.5f + 0.45f * std::sin(static_cast<float>(i * i));
    for (size_t i = 0; i < w.size(); ++i) w[i] = static_cast<float>(i % 3);
  }
  std::vector<float> t, p, w;
};

TEST(Metrics, EveryOneGivesTheSameHoweverSamplesAreGrouped) {
  for_every_metric([](const Metric& metric, const Fit& fit) {
    const int64_t rows = 60;
    const Samples samples(fit, rows);
    const auto call = [&](int64_t row, int64_t count, Sums& into) {
      metric.update({count, fit.target, fit.prediction, samples.t.data() + row * fit.target.count(),
                     samples.p.data() + row * fit.prediction.count(), samples.w.data() + row, into.state.data()});
    };
    Sums whole(metric, fit.prediction), merged(metric, fit.prediction);
    call(0, rows, whole);
    for (int64_t row = 0; row < rows; row += 7) {
      Sums part(metric, fit.prediction);
      call(row, std::min<int64_t>(7, rows - row), part);
      for (size_t i = 0; i < part.state.size(); ++i) merged.state[i] += part.state[i];
    }
    expect_near(merged.results(), whole.results(), 1e-12);
  });
}

TEST(Metrics, AWeightOfZeroIsASampleLess) {
  for_every_metric([](const Metric& metric, const Fit& fit) {
    if (metric.class_name() == "R2Score") return;  // its adjustment counts samples, whatever they weigh
    const int64_t rows = 9, t = fit.target.count(), p = fit.prediction.count();
    const Samples samples(fit, rows);
    Sums weighted(metric, fit.prediction), without(metric, fit.prediction);
    std::vector<float> weights(static_cast<size_t>(rows), 1.0f);
    for (int64_t row = 0; row < rows; ++row) {
      if (row % 3 == 1) weights[static_cast<size_t>(row)] = 0;
      else
        metric.update({1, fit.target, fit.prediction, samples.t.data() + row * t, samples.p.data() + row * p, nullptr,
                       without.state.data()});
    }
    metric.update(
        {rows, fit.target, fit.prediction, samples.t.data(), samples.p.data(), weights.data(), weighted.state.data()});
    expect_near(weighted.results(), without.results(), 1e-12);
  });
}

TEST(Metrics, WeightsOfPositionsWeightTheLinesOfASample) {
  const auto metric = make_metric("sparse_categorical_accuracy", {4}, {4, 3});
  const std::vector<float> t{0, 1, 2, 0}, p{1, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 1}, w{1, 0.5f, 2, 0};
  double state[2] = {};
  MetricCall call{1, {4}, {4, 3}, t.data(), p.data(), w.data(), state};
  call.weights_per_row = 4;
  metric->update(call);
  double result = 0;
  metric->read(state, {4, 3}, &result);
  EXPECT_NEAR(result, 1.5 / 3.5, 1e-12);  // the first two are right
}

TEST(Metrics, AccuracyAndCrossentropyBecomeWhatFitsTheShapes) {
  const auto class_of = [](const Spec& spec, const Shape& target, const Shape& prediction) {
    return std::string(make_metric(spec, target, prediction)->class_name());
  };
  EXPECT_EQ(class_of("accuracy", {}, {1}), "BinaryAccuracy");
  EXPECT_EQ(class_of("acc", {1}, {1}), "BinaryAccuracy");
  EXPECT_EQ(class_of("accuracy", {}, {10}), "SparseCategoricalAccuracy");
  EXPECT_EQ(class_of("accuracy", {1}, {10}), "SparseCategoricalAccuracy");
  EXPECT_EQ(class_of("accuracy", {10}, {10}), "CategoricalAccuracy");
  EXPECT_EQ(class_of("crossentropy", {7}, {7, 10}), "SparseCategoricalCrossentropy");
  EXPECT_EQ(class_of("ce", {10}, {10}), "CategoricalCrossentropy");
  EXPECT_EQ(class_of(metrics::Accuracy(), {10}, {10}), "Accuracy");
}

// Keras logs a metric under the word that it was given as, class or alias.
TEST(Metrics, AreNamedAsGivenOrAsRegistered) {
  EXPECT_EQ(make_metric("acc", {}, {10})->name(), "acc");
  EXPECT_EQ(make_metric("mae", {1}, {1})->name(), "mae");
  EXPECT_EQ(make_metric(metrics::MeanAbsoluteError(), {1}, {1})->name(), "mean_absolute_error");
  EXPECT_EQ(make_metric(metrics::AUC({.name = "area"}), {1}, {1})->name(), "area");
  EXPECT_EQ(make_metric(metrics::AUC(), {1}, {1})->name(), "auc");
  for (const char* word : {"AUC",
                           "Accuracy",
                           "BinaryAccuracy",
                           "BinaryCrossentropy",
                           "BinaryIoU",
                           "CategoricalHinge",
                           "CosineSimilarity",
                           "ConcordanceCorrelation",
                           "F1Score",
                           "FBetaScore",
                           "FalseNegatives",
                           "FalsePositives",
                           "Hinge",
                           "KLDivergence",
                           "LogCoshError",
                           "MSE",
                           "MeanAbsoluteError",
                           "MeanAbsolutePercentageError",
                           "MeanSquaredError",
                           "MeanSquaredLogarithmicError",
                           "PearsonCorrelation",
                           "Poisson",
                           "Precision",
                           "R2Score",
                           "Recall",
                           "RootMeanSquaredError",
                           "SquaredHinge",
                           "TrueNegatives",
                           "TruePositives",
                           "binary_accuracy",
                           "binary_crossentropy",
                           "categorical_hinge",
                           "concordance_correlation",
                           "hinge",
                           "kl_divergence",
                           "mean_absolute_error",
                           "mean_absolute_percentage_error",
                           "mean_squared_error",
                           "mean_squared_logarithmic_error",
                           "pearson_correlation",
                           "poisson",
                           "squared_hinge"})
    EXPECT_EQ(make_metric(word, {1}, {1})->name(), word);
  for (const char* word : {"CategoricalAccuracy", "CategoricalCrossentropy", "TopKCategoricalAccuracy",
                           "categorical_accuracy", "categorical_crossentropy", "top_k_categorical_accuracy"})
    EXPECT_EQ(make_metric(word, {10}, {10})->name(), word);
  for (const char* word : {"SparseCategoricalAccuracy", "SparseCategoricalCrossentropy",
                           "SparseTopKCategoricalAccuracy", "sparse_categorical_accuracy",
                           "sparse_categorical_crossentropy", "sparse_top_k_categorical_accuracy", "crossentropy"})
    EXPECT_EQ(make_metric(word, {}, {10})->name(), word);
}

TEST(Metrics, AValueOfASampleIsTheMeanOverItsLines) {
  const auto metric = make_metric("mse", {2, 100}, {2, 100});
  std::vector<float> t(200, 0.0f), p(200, 1.0f);
  p[0] = 11;  // (121 + 199) / 200
  double state[2] = {};
  metric->update({1, {2, 100}, {2, 100}, t.data(), p.data(), nullptr, state});
  double result = 0;
  metric->read(state, {2, 100}, &result);
  EXPECT_NEAR(result, 1.6, 1e-7);
}

TEST(Metrics, BinaryAccuracyTakesLogits) {
  const auto metric = make_metric(metrics::BinaryAccuracy({.threshold = 0}), {1}, {1});
  const std::vector<float> t{1, 0, 1, 0}, p{3, -2, -0.5f, 0};
  double state[2] = {};
  for (size_t i = 0; i < 4; ++i) metric->update({1, {1}, {1}, &t[i], &p[i], nullptr, state});
  double result = 0;
  metric->read(state, {1}, &result);
  EXPECT_EQ(result, 0.75);
  EXPECT_NO_THROW(make_metric(metrics::BinaryAccuracy({.threshold = -1.5f}), {1}, {1}));
}

TEST(Metrics, WhatDoesNotFitIsRefused) {
  EXPECT_THROW(make_metric("mse", {1}, {3}), Error);
  EXPECT_THROW(make_metric("categorical_accuracy", {}, {3}), Error);
  EXPECT_THROW(make_metric("acuracy", {}, {3}), Error);
  EXPECT_THROW(make_metric(metrics::BinaryAccuracy({.threshold = NAN}), {1}, {1}), Error);
  EXPECT_THROW(make_metric(metrics::Precision({.thresholds = {1.5f}}), {1}, {1}), Error);
  EXPECT_THROW(make_metric(metrics::Precision({.class_id = 3}), {3}, {3}), Error);
  EXPECT_THROW(make_metric(metrics::AUC({.label_weights = {1, 2}}), {3}, {3}), Error);
  EXPECT_THROW(make_metric(metrics::IoU({3}, {.num_classes = 3}), {4}, {4}), Error);
  EXPECT_THROW(make_metric(metrics::F1Score(), {}, {3}), Error);
  EXPECT_THROW(make_metric("Mean", {1}, {1}), Error);  // of values: it has no targets
}

TEST(Metrics, EveryOneIsMadeAgainFromItsConfig) {
  for (const std::string& name : Registry<Metric>::instance().names())
    for (const Config& example : Registry<Metric>::instance().find(name)->examples) {
      const auto metric = Registry<Metric>::instance().make(Spec(name, example), "metric");
      EXPECT_EQ(metric->class_name(), name);
      EXPECT_EQ(Registry<Metric>::instance().make(Spec(name, metric->config()), "metric")->config(), metric->config());
    }
}

}  // namespace
}  // namespace batchwise
