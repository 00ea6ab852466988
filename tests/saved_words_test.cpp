// Facts of what files say of losses and metrics: words and arguments that Keras knows.
#include <filesystem>

#include <gtest/gtest.h>

#include <batchwise/batchwise.h>

#include "saving/compile_config.h"

namespace batchwise {
namespace {

std::string temporary(const std::string& name) { return (std::filesystem::path(::testing::TempDir()) / name).string(); }

TEST(SavedWords, AreThoseThatKerasKnows) {
  Model model = Sequential({Input({4}), Dense({.units = 3, .activation = "softmax"})});
  model.compile({.optimizer = SGD(), .loss = "scce", .metrics = {"sparse_categorical_accuracy"}});
  EXPECT_EQ(compile_config(model).at("loss"), Config("sparse_categorical_crossentropy"));
  Model line = Sequential({Input({4}), Dense({.units = 1})});
  line.compile({.optimizer = SGD(), .loss = "mse", .metrics = {"rmse", "mae", "logcosh"}});
  EXPECT_EQ(compile_config(line).at("loss"), Config("mse"));
  const Config::List metrics = compile_config(line).at("metrics").as_list();
  EXPECT_EQ(metrics.at(0).at("class_name"), Config("RootMeanSquaredError"));
  EXPECT_EQ(metrics.at(0).at("config"), Config::object({{"name", "rmse"}}));  // the word that is logged
  EXPECT_EQ(metrics.at(1), Config("mae"));
  EXPECT_EQ(metrics.at(2).at("class_name"), Config("LogCoshError"));
  line.initialize(1);
  line.save(temporary("words.keras"));
  Model back = Model::load(temporary("words.keras"));
  const Dataset data(Array(DType::Float32, {2, 4}), Array(DType::Float32, {2, 1}));
  const Logs before = line.evaluate(data), after = back.evaluate(data);
  EXPECT_EQ(before, after);
}

TEST(SavedWords, LabelMetricsOfAnOutputWithoutALossAreCompiled) {
  const Symbol x = Input({4});
  Model model(x, std::vector<Symbol>{Dense({.units = 1})(x), Dense({.units = 10, .activation = "softmax"})(x)});
  model.compile({.optimizer = SGD(), .losses = {"mse", {}}, .output_metrics = {{}, {"sparse_categorical_accuracy"}}});
  model.initialize(1);
  const History history =
      model.fit(Dataset(std::vector<Array>{Array(DType::Float32, {6, 4})},
                        std::vector<Array>{Array(DType::Float32, {6, 1}), Array(DType::Int32, {6})}),
                {.batch_size = 3, .verbose = 0});
  EXPECT_EQ(history.epoch.size(), 1u);
}

TEST(SavedWords, AlphasOfClassesComeBack) {
  Model model = Sequential({Input({4}), Dense({.units = 3, .activation = "softmax"})});
  const Config alphas = Config::List{0.25, 0.5, 0.75};
  model.compile(
      {.optimizer = SGD(), .loss = Spec("CategoricalFocalCrossentropy", Config::object({{"alpha", alphas}}))});
  model.initialize(1);
  model.save(temporary("alphas.keras"));
  const Model back = Model::load(temporary("alphas.keras"));
  EXPECT_EQ(*back.compiled()->loss.config.find("alpha"), alphas);
  Array x = Array::from<float>({1, 2, 3, 4}, {1, 4}), y = Array::from<float>({0, 0, 1}, {1, 3});
  const double each = model.evaluate(Dataset(x, y)).front().second;
  model.compile({.optimizer = SGD(), .loss = CategoricalFocalCrossentropy({.alpha = 0.75f})});
  EXPECT_NEAR(each, model.evaluate(Dataset(x, y)).front().second, 1e-6);
}

}  // namespace
}  // namespace batchwise
