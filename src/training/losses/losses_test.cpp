// Losses against values and gradients computed by Keras, and their messages.
#include <cmath>
#include <fstream>
#include <functional>
#include <numeric>
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <batchwise/loss.h>
#include <batchwise/losses.h>

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

void flatten(const json& value, std::vector<double>& out) {
  if (value.is_array()) {
    for (const json& item : value) flatten(item, out);
  } else {
    out.push_back(value.is_string() ? std::strtod(value.get<std::string>().c_str(), nullptr) : value.get<double>());
  }
}

std::vector<double> flat(const json& value) {
  std::vector<double> out;
  flatten(value, out);
  return out;
}

struct Tensor {
  Shape shape;  // of one sample
  int64_t rows = 0;
  std::vector<float> values;
};

Tensor tensor(const json& data) {
  Tensor out;
  const auto dims = data["shape"].get<std::vector<int64_t>>();
  out.rows = dims[0];
  out.shape = Shape(std::span<const int64_t>(dims.data() + 1, dims.size() - 1));
  for (double value : flat(data["values"])) out.values.push_back(static_cast<float>(value));
  return out;
}

// What the engine does with values, in plain loops.
// `weight_sum`: of the weights as given, before they are spread over the values of a sample.
std::vector<double> reduced(Reduction reduction, const std::vector<float>& values, const std::vector<double>& weights,
                            double weight_sum, double& scale) {
  double sum = 0, count = static_cast<double>(values.size());
  std::vector<double> weighted;
  for (size_t i = 0; i < values.size(); ++i) {
    weighted.push_back(weights[i] == 0 ? 0 : values[i] * weights[i]);
    sum += weighted.back();
  }
  scale = 1;
  if (reduction == Reduction::None) return weighted;
  if (reduction == Reduction::SumOverBatchSize || reduction == Reduction::Mean) scale = 1 / count;
  if (reduction == Reduction::MeanWithSampleWeight) scale = weight_sum == 0 ? 0 : 1 / weight_sum;
  return {sum * scale};
}

TEST(Losses, AgreeWithKerasInValueAndGradient) {
  std::ifstream file(BATCHWISE_SOURCE_DIR "/tests/golden/losses.json");
  const json golden = json::parse(file);
  std::set<std::string> over_the_batch{"Dice", "Tversky", "Circle",
                                       "CTC"};  // not sums over samples: not known to batchwise
  int checked = 0;
  for (const json& item : golden["cases"]) {
    const std::string name = item["loss"], data = item["data"];
    const std::string reduction = item["reduction"].is_null() ? "none" : item["reduction"].get<std::string>();
    if (over_the_batch.count(name) || item.contains("error")) continue;
    if (name == "CosineSimilarity" && item["config"].value("axis", -1) == 0) continue;
    const bool ignores = item["config"].contains("ignore_class");
    if (ignores && reduction != "sum" && reduction != "none") continue;
    SCOPED_TRACE(name + " " + item["config"].dump() + " on " + data + ", " + reduction + ", weights " +
                 item["sample_weight"].dump());
    const Tensor t = tensor(golden["data"][data + "_t"]), p = tensor(golden["data"][data + "_p"]);
    Config config = to_config(item["config"]);
    config.set("reduction", reduction);
    const auto loss = make_loss(Spec(name, config));
    const Shape shape = loss->value_shape(t.shape, p.shape);
    const int64_t per_row = shape.count();
    std::vector<double> weights(static_cast<size_t>(t.rows * per_row), 1.0);
    double weight_sum = static_cast<double>(weights.size());
    if (!item["sample_weight"].is_null()) {
      const std::vector<double> given = flat(item["sample_weight"]);
      for (size_t i = 0; i < weights.size(); ++i) weights[i] = given[i * given.size() / weights.size()];
      weight_sum = std::accumulate(given.begin(), given.end(), 0.0);
    }
    std::vector<float> values(weights.size()), factors(weights.size()), gradient(p.values.size(), NAN);
    LossCall call{t.rows, t.shape, p.shape, t.values.data(), p.values.data(), nullptr, nullptr, values.data(), nullptr};
    loss->compute(call);
    double scale = 0;
    const std::vector<double> value = reduced(loss->reduction(), values, weights, weight_sum, scale);
    for (size_t i = 0; i < factors.size(); ++i) factors[i] = static_cast<float>(weights[i] * scale);
    call.factors = factors.data();
    call.gradient = gradient.data();
    loss->compute(call);
    const std::vector<double> wanted = flat(item["value"]), wanted_gradient = flat(item["grad"]);
    ASSERT_EQ(wanted.size(), value.size());
    const double limit = name == "MeanAbsolutePercentageError" && data == "zt" ? 1e-6 : 2e-6;
    for (size_t i = 0; i < value.size(); ++i)
      EXPECT_NEAR(value[i], wanted[i], limit * std::max(1.0, std::fabs(wanted[i])));
    ASSERT_EQ(wanted_gradient.size(), gradient.size());
    for (size_t i = 0; i < gradient.size(); ++i)
      EXPECT_NEAR(gradient[i], wanted_gradient[i], limit * std::max(1.0, std::fabs(wanted_gradient[i])));
    if (HasFailure()) return;
    ++checked;
  }
  EXPECT_GT(checked, 700);
}

TEST(Losses, FusedWithTheirHeadGiveTheGradientOnLogits) {
  const std::vector<float> logits{2.0f, -1.0f, 0.5f, 30.0f, -30.0f, 0.0f}, labels{0, 2};
  std::vector<float> values(2), plain(2), gradient(6), plain_gradient(6), factors{1.0f, 0.5f}, predictions(6, 0.0f);
  const auto fused = make_loss(SparseCategoricalCrossentropy());
  const auto on_logits = make_loss(SparseCategoricalCrossentropy({.from_logits = true}));
  EXPECT_EQ(fused->fuses_with(), Head::Softmax);
  EXPECT_EQ(on_logits->fuses_with(), Head::None);
  fused->compute(
      {2, {}, {3}, labels.data(), predictions.data(), logits.data(), factors.data(), values.data(), gradient.data()});
  on_logits->compute(
      {2, {}, {3}, labels.data(), logits.data(), nullptr, factors.data(), plain.data(), plain_gradient.data()});
  EXPECT_EQ(values, plain);
  EXPECT_EQ(gradient, plain_gradient);
  EXPECT_NEAR(values[1], 30.0, 1e-5);  // a clipped probability could not exceed 16.1
  EXPECT_EQ(make_loss(BinaryCrossentropy())->fuses_with(), Head::Sigmoid);
  EXPECT_EQ(make_loss(CategoricalCrossentropy())->fuses_with(), Head::Softmax);
}

std::string message_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) { return error.what(); }
  return "no error";
}

TEST(Losses, ALabelOutOfRangeNamesRowLabelAndClasses) {
  const auto loss = make_loss("sparse_categorical_crossentropy");
  std::vector<float> p(6, 0.3f), values(2);
  for (float bad : {3.0f, -1.0f, 1.5f, NAN, 1e30f}) {
    const std::vector<float> labels{0, bad};
    const std::string message = message_of([&] {
      loss->compute({2, {}, {3}, labels.data(), p.data(), nullptr, nullptr, values.data(), nullptr});
    });
    EXPECT_NE(message.find("[0, 3)"), std::string::npos) << message;
    EXPECT_NE(message.find("row 1"), std::string::npos) << message;
  }
}

TEST(Losses, ShapesThatDoNotFitAreRefused) {
  EXPECT_THROW(make_loss("mse")->value_shape({1}, {3}), Error);  // Keras would broadcast
  EXPECT_THROW(make_loss("categorical_crossentropy")->value_shape({}, {10}), Error);
  EXPECT_THROW(make_loss("sparse_categorical_crossentropy")->value_shape({10}, {10}), Error);
  EXPECT_EQ(make_loss("mse")->value_shape({}, {1}), Shape({}));
  EXPECT_EQ(make_loss("mse")->value_shape({7, 5, 1}, {7, 5}), Shape({7}));
  EXPECT_EQ(make_loss("sparse_categorical_crossentropy")->value_shape({7, 1}, {7, 10}), Shape({7}));
}

TEST(Losses, UnknownNamesAndArgumentsSuggestTheNearest) {
  EXPECT_NE(message_of([] {
              make_loss("sparse_categorical_crossentrpy");
            }).find("Did you mean \"sparse_categorical_crossentropy\""),
            std::string::npos);
  EXPECT_NE(message_of([] {
              make_loss(Spec("Huber", Config::object({{"dleta", 2}})));
            }).find("Did you mean \"delta\""),
            std::string::npos);
  EXPECT_NE(message_of([] {
              make_loss(Spec("MeanSquaredError", Config::object({{"reduction", "avg"}})));
            }).find("avg"),
            std::string::npos);
}

TEST(Losses, EveryOneIsMadeAgainFromItsConfig) {
  for (const std::string& name : Registry<Loss>::instance().names())
    for (const Config& example : Registry<Loss>::instance().find(name)->examples) {
      const auto loss = make_loss(Spec(name, example));
      EXPECT_EQ(loss->class_name(), name);
      EXPECT_EQ(make_loss(Spec(name, loss->config()))->config(), loss->config());
    }
  EXPECT_EQ(make_loss(Huber({.delta = 0.3f}))->config().at("delta").as_number(), 0.3);
}

}  // namespace
}  // namespace batchwise
