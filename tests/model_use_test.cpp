// A model between calls: who holds its weights, what compile forgets, what a single batch may change.
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <limits>
#include <thread>

#include "tests/small_models.h"

namespace batchwise {
namespace {

FitOptions silent() {
  FitOptions options;
  options.batch_size = 16;
  options.verbose = 0;
  return options;
}

TEST(HeldWeights, AreRefusedToEverybodyElseUntilTheTrainerIsFinished) {
  const SmallModel subject = small_mlp();
  Model model = subject.make();
  const Dataset data = subject.data(32);
  const std::vector<Array> before = model.get_weights();
  Trainer trainer(model, silent());
  trainer.accumulate(data.read(0, 16));
  EXPECT_THROW(model.fit(data, silent()), Error);  // it would draw new weights and lose them at the end of the trainer
  EXPECT_THROW(model.initialize(3), Error);
  EXPECT_THROW(model.set_weights(before), Error);
  EXPECT_THROW(model.compile(*model.compiled()), Error);
  EXPECT_THROW(model.predict(data), Error);
  trainer.finish();
  EXPECT_EQ(model.get_weights()[0].values<float>()[0], before[0].values<float>()[0]);
  model.fit(data, silent());
}

TEST(HeldWeights, OfTwoThreadsThatPredictAtOnceOneGetsThemAndTheOtherAnError) {
  const SmallModel subject = small_mlp();
  const Model model = subject.make();
  const Dataset data = subject.data(8);
  const Array whole = model.predict(data);
  const auto same = [&](const Array& other) {
    return std::equal(other.data<float>(), other.data<float>() + other.count(), whole.data<float>());
  };
  std::atomic<int> answers{0}, refusals{0}, wrong{0};
  const auto ask = [&] {
    for (int i = 0; i < 300; ++i) try {
        if (!same(model.predict(data, {.lanes = 1}))) ++wrong;
        ++answers;
      } catch (const Error& error) {
        if (std::string(error.what()).find("the weights must be free") == std::string::npos) ++wrong;
        ++refusals;
      }
  };
  std::thread first(ask), second(ask);
  first.join();
  second.join();
  EXPECT_EQ(answers + refusals, 600);
  EXPECT_GT(answers, 0);
  EXPECT_GT(refusals, 0);
  EXPECT_EQ(wrong, 0);
  EXPECT_TRUE(same(model.predict(data)));
}

TEST(Trainer, GoesOnWhereDropoutDrewLast) {
  const SmallModel subject = small_mlp();
  Model model = subject.make();
  model.fit(subject.data(32), silent());
  {
    Trainer trainer(model, silent());
    trainer.accumulate(subject.data(16).read(0, 16));
    trainer.apply();
  }
  EXPECT_EQ(model.optimizer_state().samples, 48u);
}

TEST(Compile, BeginsWithANewOptimizerAlsoWhenOtherLayersLearn) {
  const SmallModel subject = small_mlp();
  Model model = subject.make();
  for (const auto& layer : model.layers())
    if (!layer->weights().empty()) {
      layer->set_trainable(false);
      break;
    }
  model.fit(subject.data(32), silent());
  for (const auto& layer : model.layers()) layer->set_trainable(true);
  model.compile(*model.compiled());
  EXPECT_EQ(model.optimizer_state().iterations, 0);
  model.fit(subject.data(32), silent());
  EXPECT_EQ(model.optimizer_state().iterations, 2);
}

TEST(TrainOnBatch, LeavesTheWeightsApartFromTheirAverages) {
  SmallModel subject = small_mlp();
  subject.settings.optimizer = SGD({.learning_rate = 0.1f});
  Model plain = subject.make();
  subject.settings.optimizer = SGD({.learning_rate = 0.1f, .common = {.use_ema = true, .ema_momentum = 0.9f}});
  Model averaged = subject.make();
  for (int i = 0; i < 3; ++i) {
    plain.train_on_batch(subject.data(16).read(0, 16));
    averaged.train_on_batch(subject.data(16).read(0, 16));
  }
  const Array a = plain.get_weights()[0], b = averaged.get_weights()[0];
  for (int64_t i = 0; i < a.count(); ++i)
    ASSERT_EQ(a.values<float>()[static_cast<size_t>(i)], b.values<float>()[static_cast<size_t>(i)]);
}

TEST(NotFinite, WeightsAreRefusedAlthoughAnActivationWouldHideThem) {
  const SmallModel subject = small_mlp();
  Model model = subject.make();
  std::vector<Array> weights;
  for (const Array& values : model.get_weights()) weights.push_back(values.clone());
  weights[0].data<float>()[1] = std::numeric_limits<float>::quiet_NaN();
  model.set_weights(weights);
  EXPECT_THROW(model.fit(subject.data(32), silent()), Error);
  EXPECT_THROW(model.evaluate(subject.data(32)), Error);
  EXPECT_THROW(model.predict(subject.data(32)), Error);
  PredictOptions options;
  options.allow_nan = true;
  model.predict(subject.data(32), options);
}

TEST(Samples, MayLackTheAxisOfOneChannelAndAreRefusedWithTheirSidesExchanged) {
  Model model = Sequential({Input({3, 4, 1}), Flatten(), Dense({.units = 1})});
  model.compile({.optimizer = "sgd", .loss = "mse"});
  const Array y(DType::Float32, {2, 1});
  model.fit(Array(DType::Float32, {2, 3, 4}), y, silent());
  EXPECT_EQ(model.predict(Array(DType::Float32, {2, 3, 4})).shape(), (Shape{2, 1}));
  EXPECT_THROW(model.fit(Array(DType::Float32, {2, 4, 3}), y, silent()), Error);
  EXPECT_THROW(model.predict(Array(DType::Float32, {2, 4, 3})), Error);
}

TEST(ClassWeight, IsRefusedForTargetsThatAreNotOneClassPerSample) {
  const Symbol input = Input({2, 2, 1});
  Model model(input, Conv2D({.filters = 3, .kernel_size = 1})(input));
  model.compile({.optimizer = "SGD", .loss = SparseCategoricalCrossentropy({.from_logits = true})});
  FitOptions options = silent();
  options.class_weight = {{0, 5.0}};
  EXPECT_THROW(model.fit(Array(DType::Float32, {8, 2, 2, 1}), Array(DType::Int32, {8, 2, 2}), options), Error);
}

TEST(Sequential, HasAllOutputsOfItsLastLayer) {
  const Model model = Sequential({Input({5, 3}), LSTM({.units = 4, .return_state = true})});
  EXPECT_EQ(model.outputs().size(), 3u);
}

TEST(Sequential, RefusesALayerOfSeveralOutputsInTheMiddle) {
  try {
    Sequential({Input({5, 3}), LSTM({.units = 4, .return_state = true}), Dense({.units = 2})});
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("must have one output. Got 3 from LSTM"), std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace batchwise
