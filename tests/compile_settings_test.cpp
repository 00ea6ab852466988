// Losses, weights and metrics of several outputs: by order, by name, in logs under Keras's names.
#include <cmath>
#include <filesystem>

#include <batchwise/batchwise.h>
#include <gtest/gtest.h>

#include "tests/small_models.h"

namespace batchwise {
namespace {

// Outputs "digit" (3 classes) and "even" (one number).
Model two_outputs() {
  const Symbol x = Input({6});
  const Symbol h = Dense({.units = 5, .activation = "tanh"})(x);
  Model model({x}, {Dense({.units = 3, .activation = "softmax"}).named("digit")(h),
                    Dense({.units = 1, .activation = "sigmoid"}).named("even")(h)});
  model.initialize(2);
  return model;
}

Dataset two_targets(int64_t n) {
  Array even(DType::Float32, {n, 1});
  for (int64_t i = 0; i < n; ++i) even.data<float>()[i] = static_cast<float>(i % 2);
  return Dataset(std::vector{waves({n, 6}, 0.3)}, std::vector{labels(n, 3), even});
}

std::vector<std::string> names(const Logs& logs) {
  std::vector<std::string> out;
  for (const auto& [name, value] : logs) out.push_back(name);
  return out;
}

std::string refusal(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) { return error.what(); }
  return "no error";
}

TEST(CompileSettings, ByNameAreThoseByOrder) {
  Model by_order = two_outputs(), by_name = two_outputs();
  by_order.compile({.optimizer = "adam",
                    .losses = {"sparse_categorical_crossentropy", "mse"},
                    .loss_weights = {1, 0.3},
                    .output_metrics = {{}, {"accuracy", "mae"}},
                    .output_weighted_metrics = {{"accuracy"}, {}}});
  by_name.compile({.optimizer = "adam",
                   .loss_by_output = {{"even", "mse"}, {"digit", "sparse_categorical_crossentropy"}},
                   .loss_weight_by_output = {{"even", 0.3}},
                   .metrics_by_output = {{"even", {"accuracy", "mae"}}},
                   .weighted_metrics_by_output = {{"digit", {"accuracy"}}}});
  const FitOptions options{.batch_size = 8, .epochs = 2, .verbose = 0};
  const History first = by_order.fit(two_targets(40), options), second = by_name.fit(two_targets(40), options);
  EXPECT_EQ(first.history, second.history);
  std::vector<std::string> keys;
  for (const auto& [name, values] : second.history) keys.push_back(name);
  EXPECT_EQ(keys, (std::vector<std::string>{"digit_accuracy", "digit_loss", "even_accuracy", "even_loss", "even_mae",
                                            "loss"}));
}

TEST(CompileSettings, ThatNameNoOutputOrLeaveOneOutAreRefused) {
  EXPECT_NE(refusal([] {
              two_outputs().compile({.loss_by_output = {{"digit", "mse"}}});
            }).find("\"even\""),
            std::string::npos);
  EXPECT_NE(refusal([] {
              two_outputs().compile({.loss_by_output = {{"digit", "mse"}, {"even", "mse"}, {"evn", "mse"}}});
            }).find("Did you mean \"even\""),
            std::string::npos);
  EXPECT_THROW(two_outputs().compile({.losses = {"mse"}}), Error);
  EXPECT_THROW(two_outputs().compile({.loss = "mse", .losses = {"mse", "mse"}}), Error);
  EXPECT_THROW(two_outputs().compile({.loss = MeanSquaredError({.reduction = "none"})}), Error);
  Model only_one = two_outputs();
  only_one.compile({.loss_by_output = {{"digit", "sparse_categorical_crossentropy"}, {"even", Spec()}}});
  EXPECT_EQ(names(only_one.evaluate(two_targets(9))), (std::vector<std::string>{"loss"}));
}

TEST(CompileSettings, AnOutputWithoutALossNeedsNoTarget) {
  const auto trained = [](const Dataset& data, std::map<std::string, Spec> losses) {
    Model model = two_outputs();
    model.compile({.optimizer = "adam", .loss_by_output = std::move(losses)});
    const History history = model.fit(data, {.batch_size = 8, .epochs = 2, .verbose = 0});
    const std::string path = (std::filesystem::path(::testing::TempDir()) / "bw_one_target.keras").string();
    model.save(path);
    EXPECT_EQ(Model::load(path).evaluate(data), model.evaluate(data));
    return history.history;
  };
  const Array x = waves({40, 6}, 0.3), digits = labels(40, 3);
  Array even(DType::Float32, {40, 1});
  for (int64_t i = 0; i < 40; ++i) even.data<float>()[i] = static_cast<float>(i % 2);
  const Dataset both(std::vector{x}, std::vector{digits, even});
  EXPECT_EQ(trained(Dataset(std::vector{x}, std::vector{even}), {{"digit", Spec()}, {"even", "mse"}}),
            trained(both, {{"digit", Spec()}, {"even", "mse"}}));
  EXPECT_EQ(trained(Dataset(std::vector{x}, std::vector{digits}),
                    {{"digit", "sparse_categorical_crossentropy"}, {"even", Spec()}}),
            trained(both, {{"digit", "sparse_categorical_crossentropy"}, {"even", Spec()}}));
  EXPECT_NE(refusal([&] {
              trained(Dataset(std::vector{x}, std::vector{even}), {{"digit", "mse"}, {"even", "mse"}});
            }).find("one target per output of the model, 2. Got 1 from"),
            std::string::npos);
  EXPECT_NE(refusal([&] {
              trained(Dataset(std::vector{x}, std::vector<Array>{}), {{"digit", Spec()}, {"even", "mse"}});
            }).find("one target per output of the model, 2, or one for each that has a loss or metrics, 1. Got 0 "),
            std::string::npos);
  Model measured = two_outputs();  // a metric asks for a target as well
  measured.compile(
      {.loss_by_output = {{"digit", Spec()}, {"even", "mse"}}, .metrics_by_output = {{"digit", {"accuracy"}}}});
  EXPECT_THROW(measured.evaluate(Dataset(std::vector{x}, std::vector{even})), Error);
}

TEST(CompileSettings, MetricsOfOneNameAreToldApartAsInKeras) {
  Model model = two_outputs();
  model.compile({.losses = {"sparse_categorical_crossentropy", "mse"},
                 .output_metrics = {{"accuracy", "accuracy"}, {}},
                 .output_weighted_metrics = {{"accuracy", "accuracy"}, {}}});
  EXPECT_EQ(names(model.evaluate(two_targets(9))),
            (std::vector<std::string>{"digit_accuracy", "digit_accuracy_1", "digit_loss", "digit_weighted_accuracy",
                                      "digit_weighted_accuracy_1", "even_loss", "loss"}));
}

TEST(CompileSettings, AMetricOfSeveralNumbersHasALogForEach) {
  Model model = two_outputs();
  model.compile({.losses = {"sparse_categorical_crossentropy", "mse"},
                 .output_metrics = {{}, {metrics::Precision({.thresholds = {0.2f, 0.5f}})}}});
  const Logs logs = model.evaluate(two_targets(20));
  EXPECT_NE(find_log(logs, "even_precision_0"), nullptr);
  EXPECT_NE(find_log(logs, "even_precision_1"), nullptr);
  EXPECT_EQ(find_log(logs, "even_precision"), nullptr);
}

TEST(CompileSettings, SampleWeightsOfEachOutputWeighItsLossAlone) {
  Model model = two_outputs();
  model.compile({.losses = {"sparse_categorical_crossentropy", "mse"}});
  const Dataset plain = two_targets(12);
  const Batch all = plain.read(0, 12);
  Array ones(DType::Float32, {12}), twos(DType::Float32, {12});
  for (int64_t i = 0; i < 12; ++i) ones.data<float>()[i] = 1, twos.data<float>()[i] = 2;
  const Logs before = model.evaluate(plain), after = model.evaluate(Dataset(all.x, all.y, {ones, twos}));
  EXPECT_NEAR(*find_log(after, "digit_loss"), *find_log(before, "digit_loss"), 1e-6);
  EXPECT_NEAR(*find_log(after, "even_loss"), 2 * *find_log(before, "even_loss"), 1e-6);
}

TEST(CompileSettings, OfEveryOutputGoThroughAFile) {
  const std::string path = (std::filesystem::temp_directory_path() / "batchwise-compile-settings.keras").string();
  Model model = two_outputs();
  model.compile({.optimizer = "nadam",
                 .losses = {"sparse_categorical_crossentropy", Dice()},
                 .loss_weights = {1, 0.3},
                 .output_metrics = {{}, {metrics::BinaryIoU(), metrics::AUC({.curve = "PR"})}},
                 .output_weighted_metrics = {{"accuracy"}, {}}});
  model.fit(two_targets(16), {.batch_size = 8, .verbose = 0});
  model.save(path);
  const Model back = Model::load(path);
  EXPECT_EQ(model.evaluate(two_targets(16)), back.evaluate(two_targets(16)));
  std::filesystem::remove(path);
}

TEST(CompileSettings, ClassWeightsOfLinesPerPositionWeightThePositions) {
  Model model = Sequential({Input({4, 5}), Dense({.units = 3, .activation = "softmax"})});
  model.compile({.optimizer = SGD({.learning_rate = 0.0f}), .loss = "categorical_crossentropy"});
  model.initialize(1);
  const int64_t n = 6;
  Array y(DType::Float32, {n, 4, 3}), weights(DType::Float32, {n, 4});
  for (int64_t i = 0; i < n * 4; ++i) {
    y.data<float>()[i * 3 + i * i % 3] = 1;
    weights.data<float>()[i] = i * i % 3 == 1 ? 3.0f : 0.5f;
  }
  const Array x = waves({n, 4, 5}, 0.1);
  const FitOptions options{.batch_size = 4, .shuffle = Shuffle::No, .verbose = 0};
  FitOptions by_class = options;
  by_class.class_weight = {{0, 0.5}, {1, 3.0}};
  EXPECT_NEAR(model.fit(Dataset(x, y), by_class)["loss"][0], model.fit(Dataset(x, y, weights), options)["loss"][0],
              1e-6);
}

}  // namespace
}  // namespace batchwise
