// Facts of what files say: words that Keras knows, and optimizer variables that are told apart.
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

// encoder/norm/gamma and encoder_norm/gamma come to one word.
TEST(SavedWords, OfTwoWeightsMayBeOneInTheOptimizersState) {
  const auto made = [] {
    const Model inner = Sequential({Input({4}), LayerNormalization().named("norm")}, "encoder");
    const Symbol x = Input({4});
    Model model(x, Dense({.units = 1})(LayerNormalization().named("encoder_norm")(LayerRef(inner)(x))));
    model.initialize(1);
    model.compile({.optimizer = Adam(), .loss = "mse"});
    return model;
  };
  const Dataset data(Array::from<float>({1, 2, 3, 5, 4, 3, 1, 0}, {2, 4}), Array::from<float>({1, 0}, {2, 1}));
  for (const char* name : {"words_of_two.keras", "words_of_two.h5"}) {
    Model model = made();
    model.fit(data, {.batch_size = 2, .epochs = 2, .verbose = 0});
    model.save(temporary(name));
    Model back = Model::load(temporary(name));
    EXPECT_EQ(back.optimizer_state().slots, model.optimizer_state().slots) << name;
    model.fit(data, {.batch_size = 2, .verbose = 0});
    back.fit(data, {.batch_size = 2, .verbose = 0});
    for (size_t w = 0; w < model.get_weights().size(); ++w) {
      const Array a = model.get_weights()[w], b = back.get_weights()[w];
      for (int64_t i = 0; i < a.count(); ++i) EXPECT_EQ(a.data<float>()[i], b.data<float>()[i]) << name;
    }
  }
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

// Filled-up places of a layout are zeros, and 0 / 0 is no number.
TEST(SavedWords, AnEpsilonOfZeroTrains) {
  for (const Spec& optimizer : {Adam({.epsilon = 0}), RMSprop({.epsilon = 0}), Adamax({.epsilon = 0}),
                                Nadam({.epsilon = 0}), Adagrad({.initial_accumulator_value = 0, .epsilon = 0})}) {
    Model model = Sequential({Input({4}), Dense({.units = 10})});
    model.initialize(1);
    model.compile({.optimizer = optimizer, .loss = "mse"});
    const Array x = Array::from<float>({1, 2, 3, 4}, {1, 4});
    EXPECT_NO_THROW(model.fit(Dataset(x, Array(DType::Float32, {1, 10})), {.batch_size = 1, .epochs = 3, .verbose = 0}))
        << optimizer.class_name;
  }
}

// Keras's form of a Sequential cannot say that a layer is called twice.
TEST(SavedWords, ASequentialThatIsNoChainComesBackAsItIs) {
  const LayerRef twice = Dense({.units = 4, .activation = "tanh"});
  const LayerRef inner(Sequential({Input({4}), twice, twice}));
  const Symbol x = Input({4});
  Model model(x, inner(inner(x)));
  model.initialize(1);
  const Array given = Array::from<float>({1, -2, 3, 0.5f}, {1, 4});
  const Array wanted = model.predict(given, {.verbose = 0});
  for (const char* name : {"no_chain.keras", "no_chain.h5"}) {
    model.save(temporary(name));
    const Array got = Model::load(temporary(name)).predict(given, {.verbose = 0});
    for (int64_t i = 0; i < 4; ++i) EXPECT_EQ(got.data<float>()[i], wanted.data<float>()[i]) << name;
  }
  const Array copied = model.copy().predict(given, {.verbose = 0});
  for (int64_t i = 0; i < 4; ++i) EXPECT_EQ(copied.data<float>()[i], wanted.data<float>()[i]);
}

TEST(SavedWords, WrappersRefuseLayersThatAreMoreThanTheirArguments) {
  Model pretrained = Sequential({Input({4}), Dense({.units = 3})});
  EXPECT_NO_THROW(TimeDistributed(LayerRef(pretrained)));
  pretrained.initialize(1);
  EXPECT_THROW(TimeDistributed(LayerRef(pretrained)), Error);
  const LayerRef frozen = LSTM({.units = 2});
  frozen.layer()->set_trainable(false);
  EXPECT_THROW(Bidirectional(frozen), Error);
  EXPECT_THROW(TimeDistributed(Dense({.units = 2}).dtype_policy("mixed_bfloat16")), Error);
}

TEST(SavedWords, StateOfAnotherWeightIsRefused) {
  const LayerRef a = Dense({.units = 4}).named("a"), b = Dense({.units = 4}).named("b");
  Model model = Sequential({Input({4}), a, b});
  model.initialize(1);
  a.layer()->set_trainable(false);
  model.compile({.optimizer = Adam(), .loss = "mse"});
  const Dataset data(Array::from<float>({1, 2, 3, 4}, {1, 4}), Array(DType::Float32, {1, 4}));
  model.fit(data, {.batch_size = 1, .verbose = 0});
  a.layer()->set_trainable(true);
  b.layer()->set_trainable(false);
  EXPECT_THROW(model.fit(data, {.batch_size = 1, .verbose = 0}), Error);
  model.compile({.optimizer = Adam(), .loss = "mse"});
  EXPECT_NO_THROW(model.fit(data, {.batch_size = 1, .verbose = 0}));
}

TEST(SavedWords, WhatWasMeasuredIsNotDrawnAnewInCopies) {
  const LayerRef norm = Normalization();
  Model model = Sequential({Input({2}), norm, Dense({.units = 1})});
  norm.adapt(Dataset(Array::from<float>({1, 10, 3, 30}, {2, 2})));
  model.initialize(1);
  model.save(temporary("measured.keras"));
  for (Model other : {model.copy(), Model::load(temporary("measured.keras"))}) {
    other.initialize(2);
    EXPECT_EQ(other.get_weights()[0].data<float>()[0], 2);
    EXPECT_EQ(other.get_weights()[0].data<float>()[1], 20);
  }
}

TEST(SavedWords, WeightsFilesHoldTheOptimizersState) {
  const auto made = [] {
    Model model = Sequential({Input({4}), Dense({.units = 1})});
    model.initialize(1);
    model.compile({.optimizer = Adam(), .loss = "mse"});
    return model;
  };
  const Dataset data(Array::from<float>({1, 2, 3, 4}, {1, 4}), Array(DType::Float32, {1, 1}));
  Model a = made(), b = made();
  a.fit(data, {.batch_size = 1, .epochs = 3, .verbose = 0});
  a.save_weights(temporary("state.weights.h5"));
  b.load_weights(temporary("state.weights.h5"));
  EXPECT_EQ(b.optimizer_state().iterations, 3);
  EXPECT_EQ(b.optimizer_state().slots, a.optimizer_state().slots);
}

}  // namespace
}  // namespace batchwise
