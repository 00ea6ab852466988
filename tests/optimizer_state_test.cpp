// Facts of an optimizer's state: it is told apart by weight, kept in files, refused for others, and stays finite.
#include <filesystem>

#include <gtest/gtest.h>

#include <batchwise/batchwise.h>

namespace batchwise {
namespace {

std::string temporary(const std::string& name) { return (std::filesystem::path(::testing::TempDir()) / name).string(); }

// encoder/norm/gamma and encoder_norm/gamma come to one word.
TEST(OptimizerStates, OfTwoWeightsMayBeOneInTheOptimizersState) {
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

// Filled-up places of a layout are zeros, and 0 / 0 is no number.
TEST(OptimizerStates, AnEpsilonOfZeroTrains) {
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

TEST(OptimizerStates, StateOfAnotherWeightIsRefused) {
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

TEST(OptimizerStates, WeightsFilesHoldTheOptimizersState) {
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
