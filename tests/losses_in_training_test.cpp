// Every loss as the engine trains with it: weighted, masked, cut into grains, its gradient is that of what evaluate
// says.
#include <cmath>
#include <optional>

#include <batchwise/batchwise.h>
#include <batchwise/loss.h>
#include <gtest/gtest.h>

#include "formats/json/json.h"

namespace batchwise {
namespace {

constexpr int64_t kSamples = 11, kFeatures = 5;

// Takes the first feature away and hides the positions where it is negative.
class HidingKernel final : public Kernel {
 public:
  HidingKernel(const TensorType& type, int64_t grain)
      : positions_(type.shape[0]), features_(type.shape[1]), grain_(grain) {}
  std::string_view kind() const override { return "hiding"; }
  std::vector<TensorType> outputs() const override {
    return {{Shape{positions_, features_ - 1}, DType::Float32, 0}, {Shape{positions_}, DType::Bool, 0}};
  }
  void forward(const ForwardCall& call) const override {
    const auto* x = static_cast<const float*>(call.inputs[0]);
    auto* y = static_cast<float*>(call.outputs[0]);
    auto* mask = static_cast<unsigned char*>(call.outputs[1]);
    for (int64_t i = 0; i < grain_ * positions_; ++i) {
      std::copy_n(x + i * features_ + 1, features_ - 1, y + i * (features_ - 1));
      mask[i] = x[i * features_] >= 0;
    }
  }
  void backward(const BackwardCall&) const override {}

 private:
  int64_t positions_, features_, grain_;
};

class Hiding : public Layer {
 public:
  explicit Hiding(const Config&) {}
  std::string_view class_name() const override { return "Hiding"; }
  Config config() const override { return Config(Config::Object{}); }
  Shapes output_shapes(const Shapes& inputs) const override { return {{inputs[0][0], inputs[0][1] - 1}}; }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value input = lowering.plain(inputs[0]);
    const auto made = lowering.add(std::make_unique<HidingKernel>(lowering.type(input), lowering.grain()), {input}, {});
    lowering.set_mask(made[0], made[1]);
    return {made[0]};
  }
};
const RegisterLayer<Hiding> registered{"Hiding"};

// Samples and a model that a loss can be trained with.
struct Trial {
  Shape target, prediction;
  bool labels = false;
};

std::optional<Trial> trial_of(const Loss& loss) {
  for (const Trial& trial : {Trial{{2}, {6, 4}, true}, Trial{{4}, {4, 3}, true}, Trial{{}, {3}, true},
                             Trial{{4, 3}, {4, 3}}, Trial{{3}, {3}}}) {
    try {
      loss.value_shape(trial.target, trial.prediction);
      return trial;
    } catch (const Error&) {}
  }
  return std::nullopt;
}

Array noise(const Shape& shape, double phase) {
  Array array(DType::Float32, shape);
  for (int64_t i = 0; i < array.count(); ++i)
    array.data<float>()[i] =
        static_cast<float>(std::sin(1.7 * static_cast<double>(i) + phase + 0.01 * static_cast<double>(i * i % 89)));
  return array;
}

Array targets(const Trial& trial) {
  Array array(DType::Float32, trial.target.with_batch(kSamples));
  const int64_t classes = trial.prediction.back();
  for (int64_t i = 0; i < array.count(); ++i) {
    const int64_t label = trial.prediction == Shape{6, 4} ? 1 + i % 3 : (i * i + i / 3) % classes;
    const bool one = (i / classes * 7 + 1) % classes == i % classes;
    array.data<float>()[i] = trial.labels ? static_cast<float>(label) : one ? 0.9f : 0.05f;
  }
  return array;
}

struct Setting {
  Spec loss;
  bool weighted = false, masked = false;
};

Model model_for(const Setting& setting, const Trial& trial) {
  std::vector<int64_t> dims(trial.prediction.begin(), trial.prediction.end());
  dims.back() = kFeatures + setting.masked;
  std::vector<LayerRef> layers{Input(Shape(std::span<const int64_t>(dims)))};
  if (setting.masked) layers.push_back(make_layer("Hiding"));
  layers.push_back(Dense({.units = trial.prediction.back(), .activation = "sigmoid"}));
  Model model = Sequential(layers);
  model.compile({.optimizer = SGD({.learning_rate = 1.0f}), .loss = setting.loss});
  model.initialize(3);
  return model;
}

// Also gives the greatest gradient, which the limit hangs on.
void check_gradient(const Setting& setting, const Trial& trial) {
  std::vector<int64_t> dims(trial.prediction.begin(), trial.prediction.end());
  dims.back() = kFeatures + setting.masked;
  const Array x = noise(Shape(std::span<const int64_t>(dims)).with_batch(kSamples), 0.3);
  Array weights;
  if (setting.weighted) {
    weights = Array(DType::Float32, {kSamples});
    for (int64_t i = 0; i < kSamples; ++i) weights.data<float>()[i] = static_cast<float>(i % 4) * 0.5f;
  }
  const Dataset data(x, targets(trial), weights);
  Model model = model_for(setting, trial);
  const std::vector<Array> before = model.get_weights();
  const auto loss_at = [&](int64_t i, float by) {
    std::vector<Array> moved{before[0].cast(DType::Float32), before[1]};
    Array kernel(DType::Float32, before[0].shape());
    std::copy_n(before[0].data<float>(), kernel.count(), kernel.data<float>());
    kernel.data<float>()[i] += by;
    moved[0] = kernel;
    model.set_weights(moved);
    return *find_log(model.evaluate(data, {.batch_size = kSamples, .lanes = 2}), "loss");
  };
  std::vector<double> wanted;
  const float step = 2e-3f;
  for (int64_t i = 0; i < before[0].count(); i += 4)
    wanted.push_back((loss_at(i, step) - loss_at(i, -step)) / (2 * static_cast<double>(step)));
  std::vector<float> first;
  for (int64_t grain : {2, 3, 64}) {
    model.set_weights(before);
    const History history =
        model.fit(data, {.batch_size = kSamples, .lanes = 2, .grain = grain, .shuffle = Shuffle::No, .verbose = 0});
    const Array after = model.get_weights()[0];
    double most = 1e-3;
    for (double gradient : wanted) most = std::max(most, std::fabs(gradient));
    for (size_t k = 0; k < wanted.size(); ++k) {
      const size_t i = 4 * k;
      EXPECT_NEAR(before[0].data<float>()[i] - after.data<float>()[i], wanted[k], 0.02 * most)
          << "grain " << grain << " weight " << i;
    }
    model.set_weights(before);
    EXPECT_NEAR(history["loss"][0], loss_at(0, 0), 2e-5 * std::max(1.0, std::fabs(history["loss"][0])));
  }
}

TEST(LossesInTraining, EveryOneHasTheGradientOfItsBatchHoweverItIsCutReducedWeightedAndMasked) {
  int checked = 0;
  for (const std::string& name : Registry<Loss>::instance().names())
    for (const Config& example : Registry<Loss>::instance().find(name)->examples)
      for (const char* reduction : {"sum_over_batch_size", "sum", "mean_with_sample_weight"})
        for (const bool weighted : {false, true})
          for (const bool masked : {false, true}) {
            Config config = example;
            config.set("reduction", reduction);
            const Setting setting{Spec(name, config), weighted, masked};
            const auto loss = make_loss(setting.loss);
            const auto trial = trial_of(*loss);
            ASSERT_TRUE(trial.has_value()) << name;
            const bool spans = loss->spans_batch(trial->target, trial->prediction);
            const int64_t values = loss->value_shape(trial->target, trial->prediction).count();
            if (weighted && spans) continue;  // refused
            if (masked && (trial->prediction.rank() < 2 || values % trial->prediction[0] != 0)) continue;
            SCOPED_TRACE(name + " " + config.text() + (weighted ? " weighted" : "") + (masked ? " masked" : ""));
            check_gradient(setting, *trial);
            if (testing::Test::HasFailure()) return;
            ++checked;
          }
  EXPECT_GT(checked, 250);
}

TEST(LossesInTraining, AMaskedMeanIsOverThePositionsThatCount) {
  const Trial trial{{4, 3}, {4, 3}};
  const Array x = noise({kSamples, 4, kFeatures + 1}, 0.3), y = targets(trial);
  Model model = model_for({MeanSquaredError(), false, true}, trial);
  const Array predictions = model.predict(Dataset(x));
  double sum = 0;
  int64_t counted = 0;
  for (int64_t i = 0; i < kSamples * 4; ++i) {
    if (x.data<float>()[i * (kFeatures + 1)] < 0) continue;
    ++counted;
    for (int64_t c = 0; c < 3; ++c)
      sum += std::pow(predictions.data<float>()[i * 3 + c] - y.data<float>()[i * 3 + c], 2) / 3;
  }
  ASSERT_GT(counted, 4);
  ASSERT_LT(counted, kSamples * 4);
  EXPECT_NEAR(*find_log(model.evaluate(x, y, {.batch_size = kSamples}), "loss"), sum / static_cast<double>(counted),
              1e-6);
}

TEST(LossesInTraining, MasksWeighAsInKeras) {
  const Config golden = read_json(BATCHWISE_SOURCE_DIR "/tests/golden/losses.json");
  const auto filled = [](const Config& value, const Shape& shape) {
    std::vector<float> flat;
    const auto flatten = [&](const auto& self, const Config& item) -> void {
      if (!item.is_list()) flat.push_back(static_cast<float>(item.is_bool() ? item.as_bool() : item.as_number()));
      else
        for (const Config& each : item.as_list()) self(self, each);
    };
    flatten(flatten, value);
    Array array(DType::Float32, shape);
    std::copy(flat.begin(), flat.end(), array.data<float>());
    return array;
  };
  const Array p = filled(golden.at("data").at("spaseq_p").at("values"), {2, 3, 4}),
              t = filled(golden.at("data").at("spaseq_t").at("values"), {2, 3});
  int checked = 0;
  for (const Config& item : golden.at("masked").as_list()) {
    const Array mask = filled(item.at("mask"), {2, 3});
    Array x(DType::Float32, {2, 3, 5});
    for (int64_t i = 0; i < 6; ++i) {
      x.data<float>()[i * 5] = mask.data<float>()[i] - 0.5f;
      std::copy_n(p.data<float>() + i * 4, 4, x.data<float>() + i * 5 + 1);
    }
    Array weights;
    if (!item.at("sample_weight").is_null()) weights = filled(item.at("sample_weight"), {2, 3});
    Model model = Sequential({Input({3, 5}), make_layer("Hiding")});
    model.compile({.loss = Spec(item.at("loss").as_string(), Config::object({{"reduction", item.at("reduction")}}))});
    model.initialize(0);
    EXPECT_NEAR(*find_log(model.evaluate(Dataset(x, t, weights)), "loss"), item.at("value").as_number(), 5e-6)
        << item.text();
    ++checked;
  }
  EXPECT_EQ(checked, 6);
}

TEST(LossesInTraining, MetricsThatAreMeansLeaveOutWhatIsMasked) {
  const Trial trial{{4, 3}, {4, 3}};
  const Array x = noise({kSamples, 4, kFeatures + 1}, 0.3), y = targets(trial);
  Model model = model_for({MeanSquaredError(), false, true}, trial);
  model.compile({.optimizer = "sgd", .loss = "mse", .metrics = {"mse", metrics::RootMeanSquaredError()}});
  const Logs logs = model.evaluate(x, y, {.batch_size = kSamples});
  EXPECT_NEAR(*find_log(logs, "mse"), *find_log(logs, "loss"), 1e-6);
  EXPECT_GT(std::fabs(*find_log(logs, "root_mean_squared_error") - std::sqrt(*find_log(logs, "mse"))), 1e-4);
}

TEST(LossesInTraining, WeightsOfPositionsWeightLossValues) {
  const Trial trial{{4}, {4, 3}, true};
  const Array x = noise({kSamples, 4, kFeatures}, 0.3), y = targets(trial);
  Array weights(DType::Float32, {kSamples, 4});
  for (int64_t i = 0; i < weights.count(); ++i) weights.data<float>()[i] = static_cast<float>(i % 3);
  Model model = model_for({SparseCategoricalCrossentropy(), false, false}, trial);
  const Array p = model.predict(Dataset(x));
  double sum = 0;
  for (int64_t i = 0; i < kSamples * 4; ++i) {
    double total = 0;
    for (int64_t c = 0; c < 3; ++c) total += p.data<float>()[i * 3 + c];
    sum +=
        weights.data<float>()[i] * -std::log(p.data<float>()[i * 3 + static_cast<int64_t>(y.data<float>()[i])] / total);
  }
  EXPECT_NEAR(*find_log(model.evaluate(Dataset(x, y, weights)), "loss"), sum / (kSamples * 4.0), 1e-5);
  Array wrong(DType::Float32, {kSamples, 2});
  EXPECT_THROW(model.evaluate(Dataset(x, y, wrong)), Error);
}

TEST(LossesInTraining, SampleWeightsOfALossOverTheWholeBatchAreRefused) {
  const Trial trial{{4, 3}, {4, 3}};
  Model model = model_for({Dice(), false, false}, trial);
  const Dataset data(noise({kSamples, 4, kFeatures}, 0), targets(trial), noise({kSamples}, 1));
  EXPECT_THROW(model.fit(data, {.verbose = 0}), Error);
}

}  // namespace
}  // namespace batchwise
