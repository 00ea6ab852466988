// What an update keeps between fits and files.
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>

#include <batchwise/batchwise.h>

namespace batchwise {
namespace {

struct RateOfZero : testing::Test {
  RateOfZero()
      : data(Array::from(std::vector<float>{1, 2, 3, 4}, {4, 1}), Array::from(std::vector<float>{2, 4, 6, 8}, {4, 1})) {
    model.compile({.optimizer = SGD({.learning_rate = 0.1f, .momentum = 0.5f}), .loss = "mse"});
    model.initialize(3);
  }
  static FitOptions options(bool lowered) {
    FitOptions made;
    made.batch_size = 2;
    made.verbose = 0;
    made.memory = MiB(256);
    if (lowered) made.callbacks = {std::make_shared<LearningRateScheduler>([](int64_t, double) { return 0.0; })};
    return made;
  }
  static float kernel(const Model& of) { return of.get_weights()[0].data<float>()[0]; }
  Dataset data;
  Model model = Sequential({Input({1}), Dense({.units = 1})});
};

TEST_F(RateOfZero, IsKeptToTheNextFit) {
  const float before = kernel(model);
  model.fit(data, options(true));
  model.fit(data, options(false));
  EXPECT_EQ(kernel(model), before);
}

TEST_F(RateOfZero, IsKeptInFilesAndCopies) {
  model.fit(data, options(true));
  const float before = kernel(model);
  for (const char* name : {"zero.keras", "zero.h5"}) {
    const std::string path = testing::TempDir() + "batchwise_" + name;
    model.save(path);
    Model back = Model::load(path);
    std::filesystem::remove(path);
    EXPECT_EQ(back.optimizer_state().learning_rate, 0) << name;
    EXPECT_EQ(back.compiled()->optimizer.config.at("learning_rate").as_number(), 0) << name;
    back.fit(data, options(false));
    EXPECT_EQ(kernel(back), before) << name;
  }
  Model copy = model.copy();
  copy.fit(data, options(false));
  EXPECT_EQ(kernel(copy), before);
}

TEST_F(RateOfZero, OfAModelThatNeverTrainedMeansItsOptimizers) {
  const float before = kernel(model);
  model.fit(data, options(false));
  EXPECT_NE(kernel(model), before);
}

}  // namespace
}  // namespace batchwise
