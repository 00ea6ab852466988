// Every optimizer in the engine: the same bits for any lanes, sessions and files; constraints and penalties on weights.
#include <cmath>
#include <filesystem>

#include <batchwise/batchwise.h>
#include <batchwise/optimizer.h>
#include <gtest/gtest.h>

#include "tests/small_models.h"

namespace batchwise {
namespace {

// Kernels of two, three and four axes, in the layouts of their own.
Model small_model(const Spec& kernel_constraint = {}, const Spec& kernel_regularizer = {}) {
  const auto with = [&](const char* layer, Config config) {
    config.set("kernel_constraint", config_of(kernel_constraint));
    if (std::string(layer) == "Dense") config.set("kernel_regularizer", config_of(kernel_regularizer));
    return make_layer(Spec(layer, config));
  };
  return Sequential(
      {Input({6, 6, 2}), with("Conv2D", Config::object({{"filters", 5}, {"kernel_size", 3}, {"activation", "tanh"}})),
       BatchNormalization(), Flatten(), with("Dense", Config::object({{"units", 7}, {"activation", "tanh"}})),
       with("Dense", Config::object({{"units", 4}}))});
}

Dataset small_data(int64_t n) { return Dataset(waves({n, 6, 6, 2}, 0.2), labels(n, 4)); }

Model compiled(const Spec& optimizer) {
  Model model = small_model();
  model.compile({.optimizer = optimizer, .loss = classes_loss(true)});
  model.initialize(7);
  return model;
}

std::vector<float> values_of(const Model& model) {
  std::vector<float> all;
  for (const Array& array : model.get_weights())
    all.insert(all.end(), array.data<float>(), array.data<float>() + array.count());
  return all;
}

FitOptions steps(int64_t epochs, int lanes) {
  return {.batch_size = 16, .epochs = epochs, .lanes = lanes, .grain = 4, .shuffle = Shuffle::No, .verbose = 0};
}

template <class Work>
void for_every_optimizer(const Work& work) {
  for (const std::string& name : Registry<Optimizer>::instance().names())
    for (const Config& example : Registry<Optimizer>::instance().find(name)->examples) {
      Config config = example;
      if (!config.find("learning_rate")) config.set("learning_rate", 0.01);
      SCOPED_TRACE(name + " " + config.text());
      try {
        work(Spec(name, config));
      } catch (const Error& error) { ADD_FAILURE() << error.what(); }
    }
}

TEST(OptimizersInTraining, EveryOneGivesTheSameBitsOnAnyNumberOfLanes) {
  for_every_optimizer([](const Spec& spec) {
    const auto trained = [&](int lanes) {
      Model model = compiled(spec);
      model.fit(small_data(48), steps(2, lanes));
      return values_of(model);
    };
    const std::vector<float> one = trained(1);
    EXPECT_EQ(one, trained(2));
    EXPECT_EQ(one, trained(3));
    EXPECT_NE(one, values_of(compiled(spec)));
  });
}

TEST(OptimizersInTraining, EveryOneGoesOnFromAFileAsIfItHadNotStopped) {
  const std::string path = (std::filesystem::temp_directory_path() / "batchwise-optimizers-in-training.keras").string();
  for_every_optimizer([&](const Spec& spec) {
    Model whole = compiled(spec), first = compiled(spec);
    whole.fit(small_data(48), steps(1, 2));
    whole.fit(small_data(48), steps(1, 2));
    first.fit(small_data(48), steps(1, 2));
    first.save(path);
    Model second = Model::load(path);
    second.fit(small_data(48), steps(1, 2));
    EXPECT_EQ(values_of(second), values_of(whole));
  });
  std::filesystem::remove(path);
}

TEST(OptimizersInTraining, EveryOneGoesOnFromACheckpointToTheSameBits) {
  const auto folder = std::filesystem::temp_directory_path() / "batchwise-optimizers-in-training";
  for_every_optimizer([&](const Spec& spec) {
    std::filesystem::remove_all(folder);
    Model whole = compiled(spec), cut = compiled(spec), resumed = compiled(spec);
    whole.fit(small_data(48), steps(2, 2));
    FitOptions options = steps(1, 2);
    options.checkpoint.directory = folder.string();
    cut.fit(small_data(48), options);
    options.epochs = 2;
    options.checkpoint.resume = true;
    resumed.fit(small_data(48), options);
    EXPECT_EQ(values_of(resumed), values_of(whole));
  });
  std::filesystem::remove_all(folder);
}

TEST(OptimizersInTraining, NormsAndDecayTakeGradientsAndWeightsAsTheyAre) {
  // Against the same optimizer on its own: SGD with a step of known length.
  Model model = compiled(Lamb({.learning_rate = 0.1f}));
  const std::vector<Array> before = model.get_weights();
  model.fit(small_data(16), steps(1, 2));
  const std::vector<Array> after = model.get_weights();
  for (size_t w = 0; w < before.size(); ++w) {
    if (!model.weights()[w]->learns()) continue;
    double moved = 0, length = 0;
    for (int64_t i = 0; i < before[w].count(); ++i) {
      moved += std::pow(after[w].data<float>()[i] - before[w].data<float>()[i], 2);
      length += std::pow(before[w].data<float>()[i], 2);
    }
    // A step is as long as the weights, times the rate; those that are all 0 move by the step itself.
    if (length == 0) continue;
    EXPECT_NEAR(std::sqrt(moved), 0.1 * std::sqrt(length), 1e-4 * std::sqrt(length)) << w;
  }
}

TEST(OptimizersInTraining, ConstraintsHoldAfterEveryUpdateWhateverTheLayout) {
  Model model = small_model(constraints::UnitNorm({-1}));
  model.compile({.optimizer = SGD({.learning_rate = 0.1f}), .loss = classes_loss(true)});
  model.initialize(7);
  model.fit(small_data(48), steps(1, 2));
  int checked = 0;
  for (const auto& variable : model.weights()) {
    if (variable->spec.constraint.empty()) continue;
    const int64_t last = variable->spec.shape.back();
    for (size_t i = 0; i < variable->value.size(); i += static_cast<size_t>(last)) {
      double square = 0;
      for (size_t k = 0; k < static_cast<size_t>(last); ++k) square += std::pow(variable->value[i + k], 2);
      ASSERT_NEAR(square, 1, 1e-5) << variable->path;
    }
    ++checked;
  }
  EXPECT_EQ(checked, 3);
}

TEST(OptimizersInTraining, AConstraintThatDoesNotFitItsWeightIsRefused) {
  Model model = small_model(constraints::MaxNorm(1, {2}));
  model.compile({.optimizer = "sgd", .loss = classes_loss(true)});
  model.initialize(7);
  EXPECT_THROW(model.fit(small_data(16), steps(1, 1)), Error);
}

TEST(OptimizersInTraining, APenaltyOnAWholeWeightIsPartOfTheLossAndOfItsGradient) {
  const auto loss_and_step = [&](const Spec& regularizer, bool constrained_gradient) {
    Model model = small_model({}, regularizer);
    model.compile(
        {.optimizer = SGD({.learning_rate = 1.0f,
                           .common = {.global_clipnorm = constrained_gradient ? std::optional(1e6f) : std::nullopt}}),
         .loss = classes_loss(true)});
    model.initialize(7);
    const History history = model.fit(small_data(16), steps(1, 2));
    return std::pair(history["loss"][0], values_of(model));
  };
  const Spec strong = regularizers::OrthogonalRegularizer(5.0f);
  const auto [plain_loss, plain] = loss_and_step({}, false);
  const auto [loss, weights] = loss_and_step(strong, false);
  const auto [clipped_loss, clipped] = loss_and_step(strong, true);
  Model model = small_model();
  model.initialize(7);
  const auto penalty = make_regularizer(strong);
  double wanted = 0;
  size_t at = 0;
  for (const auto& variable : model.weights()) {
    const Shape& shape = variable->spec.shape;
    const size_t count = variable->value.size();
    if (shape.rank() == 2) {
      std::vector<std::byte> scratch(static_cast<size_t>(penalty->scratch(shape)));
      wanted += penalty->value_of(shape, variable->value.data(), scratch.data());
      std::vector<float> gradient(count, 0.0f);
      penalty->add_gradient_of(shape, variable->value.data(), gradient.data(), scratch.data());
      for (size_t i = 0; i < count; ++i) ASSERT_NEAR(plain[at + i] - weights[at + i], gradient[i], 1e-5);
    }
    at += count;
  }
  // The loss shown is of the weights before the step, the penalty as well.
  EXPECT_NEAR(loss - plain_loss, wanted, 1e-5);
  EXPECT_EQ(loss, clipped_loss);
  for (size_t i = 0; i < weights.size(); ++i) ASSERT_NEAR(weights[i], clipped[i], 1e-6);
}

}  // namespace
}  // namespace batchwise
