// Metrics against results computed by Keras batch by batch, and how names become metrics.
#include <cmath>
#include <fstream>
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

TEST(Metrics, AgreeWithKerasAfterEveryBatch) {
  std::ifstream file(BATCHWISE_SOURCE_DIR "/tests/golden/metrics.json");
  const json golden = json::parse(file);
  int checked = 0;
  for (const json& item : golden["cases"]) {
    const std::string name = item["metric"];
    if (!Registry<Metric>::instance().find(name)) continue;
    const json& settings = item["config"];
    if (settings.contains("multi_label") || settings.value("curve", "") == "prgain")
      continue;  // not known to batchwise
    if (settings.contains("thresholds") && name != "AUC" && settings["thresholds"].is_array())
      continue;  // several results
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
    std::vector<double> state(static_cast<size_t>(metric->state_size()));
    EXPECT_EQ(metric->result(state.data()), item["after_reset"].get<double>());
    int64_t row = 0, batch = 0;
    for (int64_t rows : golden["batches"].get<std::vector<int64_t>>()) {
      metric->update({rows, target, prediction, t.data() + row * target.count(), p.data() + row * prediction.count(),
                      weights.empty() ? nullptr : weights.data() + row, state.data()});
      row += rows;
      const double wanted = item["after"][batch++].get<double>();
      ASSERT_NEAR(metric->result(state.data()), wanted, 2e-6 * std::max(1.0, std::fabs(wanted)))
          << "after batch " << batch;
    }
    ++checked;
  }
  EXPECT_GT(checked, 120);
}

TEST(Metrics, ResultsDoNotDependOnHowSamplesWereGrouped) {
  std::vector<float> t(200), p(1000), w(200);
  for (size_t i = 0; i < t.size(); ++i) t[i] = static_cast<float>(i * 7 % 5), w[i] = static_cast<float>(i % 3);
  for (size_t i = 0; i < p.size(); ++i) p[i] = 0.5f + 0.5f * std::sin(static_cast<float>(i));
  for (const char* name : {"accuracy", "crossentropy", "SparseTopKCategoricalAccuracy"}) {
    const auto metric = make_metric(name, {}, {5});
    std::vector<double> whole(static_cast<size_t>(metric->state_size())), parts(whole);
    metric->update({200, {}, {5}, t.data(), p.data(), w.data(), whole.data()});
    for (int64_t row = 0; row < 200; row += 8)
      metric->update({8, {}, {5}, t.data() + row, p.data() + row * 5, w.data() + row, parts.data()});
    EXPECT_EQ(whole, parts) << name;
  }
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

TEST(Metrics, AreNamedAsGivenOrAsRegistered) {
  EXPECT_EQ(make_metric("acc", {}, {10})->name(), "acc");
  EXPECT_EQ(make_metric("mae", {1}, {1})->name(), "mae");
  EXPECT_EQ(make_metric("MeanAbsoluteError", {1}, {1})->name(), "mean_absolute_error");
  EXPECT_EQ(make_metric(metrics::AUC({.name = "area"}), {1}, {1})->name(), "area");
  EXPECT_EQ(make_metric("AUC", {1}, {1})->name(), "auc");
}

TEST(Metrics, AValueOfASampleIsTheMeanOverItsLines) {
  const auto metric = make_metric("mse", {2, 100}, {2, 100});
  std::vector<float> t(200, 0.0f), p(200, 1.0f);
  p[0] = 11;  // (121 + 199) / 200
  double state[2] = {};
  metric->update({1, {2, 100}, {2, 100}, t.data(), p.data(), nullptr, state});
  EXPECT_NEAR(metric->result(state), 1.6, 1e-7);
}

TEST(Metrics, WhatDoesNotFitIsRefused) {
  EXPECT_THROW(make_metric("mse", {1}, {3}), Error);
  EXPECT_THROW(make_metric("categorical_accuracy", {}, {3}), Error);
  EXPECT_THROW(make_metric("acuracy", {}, {3}), Error);
  EXPECT_THROW(make_metric(metrics::BinaryAccuracy({.threshold = 1.5f}), {1}, {1}), Error);
  EXPECT_THROW(make_metric(metrics::Precision({.class_id = 3}), {3}, {3}), Error);
  EXPECT_THROW(make_metric(Spec("AUC", Config::object({{"multi_label", true}})), {3}, {3}), Error);
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
