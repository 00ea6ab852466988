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

// What the engine does with a loss, in plain loops: grains of `grain` samples, each measured before any is computed.
class Batch {
 public:
  Batch(const Loss& of, const Tensor& targets, const Tensor& predictions, int64_t grain)
      : loss_(of), targets_(targets), predictions_(predictions), grain_(grain) {
    const Shape shape = of.value_shape(targets.shape, predictions.shape);
    spans_ = of.spans_batch(targets.shape, predictions.shape);
    per_row_ = shape.count();
    values.assign(static_cast<size_t>(spans_ ? per_row_ : targets.rows * per_row_), 0);
    gradient.assign(predictions.values.size(), NAN);
    counts_.assign(values.size(), 1);
    scratch_.resize(static_cast<size_t>(of.scratch(targets.shape, predictions.shape)));
    for (int64_t first = 0; first < targets.rows; first += grain)
      rows_.push_back(std::min(grain, targets.rows - first));
  }

  // `weights`: per value, `given`: as the user gives them. Fills values, gradient and loss.
  void run(Reduction reduction, const std::vector<double>& weights, const std::vector<double>& given) {
    const int64_t each = loss_.statistics(targets_.shape, predictions_.shape, grain_);
    std::vector<double> statistics(static_cast<size_t>(each) * rows_.size());
    std::vector<float> row_weights;
    for (int64_t r = 0; r < targets_.rows && !spans_; ++r)
      row_weights.push_back(static_cast<float>(weights[static_cast<size_t>(r * per_row_)]));
    double counted = static_cast<double>(values.size());
    if (each > 0) {
      for (size_t g = 0; g < rows_.size(); ++g) {
        LossCall call = call_of(g);
        if (!row_weights.empty()) call.weights = row_weights.data() + static_cast<int64_t>(g) * grain_;
        call.statistics = statistics.data() + g * static_cast<size_t>(each);
        loss_.measure(call);
      }
      counted = loss_.combine(statistics, rows_, predictions_.shape);
    }
    if (loss_.leaves_out()) {
      LossCall call = call_of(0);
      call.rows = targets_.rows;
      loss_.leave_out(call, counts_.data());
      counted = std::accumulate(counts_.begin(), counts_.end(), 0.0);
    }
    double divisor = 1;
    if (reduction == Reduction::SumOverBatchSize || reduction == Reduction::Mean) divisor = counted;
    if (reduction == Reduction::MeanWithSampleWeight) {
      divisor = 0;
      const bool masked = loss_.leaves_out() || counted < static_cast<double>(values.size());
      if (masked && given.empty()) divisor = counted;
      else if (loss_.leaves_out())
        for (size_t i = 0; i < values.size(); ++i) divisor += counts_[i] * weights[i];
      else if (given.empty()) divisor = static_cast<double>(values.size());
      else divisor = std::accumulate(given.begin(), given.end(), 0.0);
    }
    std::vector<float> factors;
    for (size_t i = 0; i < values.size(); ++i)
      factors.push_back(divisor == 0 ? 0 : static_cast<float>(weights[i] * counts_[i] / divisor));
    for (size_t g = 0; g < rows_.size(); ++g) {
      LossCall call = call_of(g);
      call.factors = factors.data() + (spans_ ? 0 : static_cast<int64_t>(g) * grain_ * per_row_);
      call.gradient = gradient.data() + static_cast<int64_t>(g) * grain_ * predictions_.shape.count();
      call.batch = statistics;
      call.rows_of = rows_;
      call.grain = static_cast<int64_t>(g);
      call.factor_per_weight = divisor == 0 ? 0 : 1 / divisor;
      loss_.compute(call);
    }
    loss.clear();
    double sum = 0;
    for (size_t i = 0; i < values.size(); ++i) {
      loss.push_back(weights[i] * counts_[i] == 0 ? 0 : values[i] * weights[i]);
      sum += loss.back();
    }
    if (reduction != Reduction::None) loss = {divisor == 0 ? 0 : sum / divisor};
  }

  std::vector<float> values, gradient;
  std::vector<double> loss;  // reduced; with Reduction::None one per value

 private:
  LossCall call_of(size_t g) {
    const int64_t first = static_cast<int64_t>(g) * grain_;
    LossCall call;
    call.rows = rows_[g];
    call.target_shape = targets_.shape;
    call.prediction_shape = predictions_.shape;
    call.targets = targets_.values.data() + first * targets_.shape.count();
    call.predictions = predictions_.values.data() + first * predictions_.shape.count();
    call.values = values.data() + (spans_ ? 0 : first * per_row_);
    call.scratch = scratch_.data();
    return call;
  }

  const Loss& loss_;
  const Tensor &targets_, &predictions_;
  const int64_t grain_;
  bool spans_ = false;
  int64_t per_row_ = 1;
  std::vector<int64_t> rows_;
  std::vector<float> counts_;
  std::vector<std::byte> scratch_;
};

double limit_of(const std::string& name, const json& config) {
  return name == "Circle" || (name == "BinaryCrossentropy" && !config.value("from_logits", false)) ? 1e-5 : 2e-6;
}

TEST(Losses, AgreeWithKerasInValueAndGradientForEveryGrain) {
  std::ifstream file(BATCHWISE_SOURCE_DIR "/tests/golden/losses.json");
  const json golden = json::parse(file);
  std::set<std::string> classes;
  int checked = 0;
  for (const json& item : golden["cases"]) {
    const std::string name = item["loss"], data = item["data"];
    const std::string reduction = item["reduction"].is_null() ? "none" : item["reduction"].get<std::string>();
    const Tensor t = tensor(golden["data"][data + "_t"]), p = tensor(golden["data"][data + "_p"]);
    Config config = to_config(item["config"]);
    config.set("reduction", reduction);
    const auto loss = make_loss(Spec(name, config));
    if (item.contains("error")) continue;  // weights of another shape than the values
    for (int64_t grain : {1, 3, 100}) {
      SCOPED_TRACE(name + " " + item["config"].dump() + " on " + data + ", " + reduction + ", weights " +
                   item["sample_weight"].dump() + ", grain " + std::to_string(grain));
      Batch batch(*loss, t, p, grain);
      std::vector<double> weights(batch.values.size(), 1.0), given;
      if (!item["sample_weight"].is_null()) {
        given = flat(item["sample_weight"]);
        for (size_t i = 0; i < weights.size(); ++i) weights[i] = given[i * given.size() / weights.size()];
      }
      batch.run(loss->reduction(), weights, given);
      const std::vector<double> wanted = flat(item["value"]), wanted_gradient = flat(item["grad"]);
      ASSERT_EQ(wanted.size(), batch.loss.size());
      const double limit = limit_of(name, item["config"]);
      for (size_t i = 0; i < wanted.size(); ++i)
        EXPECT_NEAR(batch.loss[i], wanted[i], limit * std::max(1.0, std::fabs(wanted[i])));
      ASSERT_EQ(wanted_gradient.size(), batch.gradient.size());
      for (size_t i = 0; i < wanted_gradient.size(); ++i)
        EXPECT_NEAR(batch.gradient[i], wanted_gradient[i], limit * std::max(1.0, std::fabs(wanted_gradient[i])));
      if (HasFailure()) return;
    }
    classes.insert(name);
    ++checked;
  }
  EXPECT_EQ(classes.size(), 22u);
  EXPECT_EQ(checked, 852);  // of 918; Keras refuses the others: weights of another shape than the values
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

TEST(Losses, OfAPredictionThatIsNotANumberIsNoNumber) {
  for (const char* name : {"BinaryCrossentropy", "BinaryFocalCrossentropy", "CategoricalCrossentropy",
                           "CategoricalFocalCrossentropy", "CategoricalHinge", "CosineSimilarity", "Dice", "Hinge",
                           "Huber", "KLDivergence", "LogCosh", "MeanAbsoluteError", "MeanAbsolutePercentageError",
                           "MeanSquaredError", "MeanSquaredLogarithmicError", "Poisson", "SquaredHinge", "Tversky"}) {
    const auto loss = make_loss(Spec(name));
    for (const size_t bad : {0u, 1u}) {
      Tensor targets{{2}, 1, {0, 1}}, predictions{{2}, 1, {0.25f, 0.75f}};
      predictions.values[bad] = NAN;
      Batch batch(*loss, targets, predictions, 1);
      batch.run(Reduction::SumOverBatchSize, std::vector<double>(batch.values.size(), 1), {});
      EXPECT_TRUE(std::isnan(batch.values[0])) << name << " " << bad << " " << batch.values[0];
    }
  }
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
