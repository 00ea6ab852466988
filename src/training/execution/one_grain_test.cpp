// Facts of lanes that share the only grain of a batch: the bits of one lane, and the memory that was planned.
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <cstring>

#include <batchwise/batchwise.h>

#include "base/random.h"
#include "training/lanes/alone_or_together.h"

namespace batchwise {
namespace {

Dataset pictures(int64_t samples) {
  Array x(DType::Float32, {samples, 784}), y(DType::Int32, {samples});
  for (int64_t i = 0; i < x.count(); ++i) x.data<float>()[i] = unit_float(philox(7, 0, static_cast<uint64_t>(i))[0]);
  for (int64_t i = 0; i < samples; ++i) y.data<int32_t>()[i] = static_cast<int32_t>(i % 10);
  return Dataset(x, y);
}

// Widths that are no multiples of a panel, gradients of inputs, and layers that one lane does alone.
Model wide() {
  Model model =
      Sequential({Input({784}), Dense({.units = 200, .activation = "relu"}), Dropout({.rate = 0.2}),
                  Dense({.units = 150, .activation = "tanh"}), Dense({.units = 10, .activation = "softmax"})});
  model.compile({.optimizer = {"Adam"}, .loss = {"SparseCategoricalCrossentropy"}, .metrics = {"accuracy"}});
  model.initialize(3);
  return model;
}

std::vector<Array> trained(int lanes, int64_t& seen, double& loss) {
  Model model = wide();
  FitOptions options{.batch_size = 32, .epochs = 2, .verbose = 0};
  options.seed = 5;
  options.lanes = lanes;
  options.grain = 32;
  const History history = model.fit(pictures(200), options);
  seen = history.plan.lanes;
  loss = history["loss"].back();
  return model.get_weights();
}

TEST(OneGrain, GivesTheBitsOfOneLaneOnAny) {
  int64_t seen = 0;
  double alone_loss = 0, loss = 0;
  const std::vector<Array> alone = trained(1, seen, alone_loss);
  EXPECT_EQ(seen, 1);
  for (const int lanes : {2, 3, 7}) {
    const std::vector<Array> shared = trained(lanes, seen, loss);
    EXPECT_EQ(seen, lanes);
    EXPECT_EQ(loss, alone_loss);
    ASSERT_EQ(shared.size(), alone.size());
    for (size_t w = 0; w < alone.size(); ++w)
      EXPECT_EQ(std::memcmp(shared[w].raw(), alone[w].raw(), static_cast<size_t>(alone[w].bytes())), 0)
          << "weight " << w << " with " << lanes << " lanes";
  }
}

// After a while one lane is tried alone, and what is faster goes on: a run has steps of both kinds.
TEST(OneGrain, GivesTheSameBitsWhenLanesShareSomeStepsAndOthersNot) {
  const auto trained = [](int lanes, double& seconds) {
    Model model = wide();
    FitOptions options{.batch_size = 32, .epochs = 60, .verbose = 0};
    options.seed = 5;
    options.lanes = lanes;
    options.grain = 32;
    const auto begin = std::chrono::steady_clock::now();
    model.fit(pictures(640), options);
    seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return model.get_weights();
  };
  double seconds = 0;
  const std::vector<Array> alone = trained(1, seconds), shared = trained(2, seconds);
  EXPECT_GT(seconds, 3 * AloneOrTogether::kRound) << "too short for a trial";
  for (size_t w = 0; w < alone.size(); ++w)
    EXPECT_EQ(std::memcmp(shared[w].raw(), alone[w].raw(), static_cast<size_t>(alone[w].bytes())), 0) << "weight " << w;
}

TEST(OneGrain, SaysWhichSampleIsNotFiniteWhicheverLaneFetchedIt) {
  for (const int64_t row : {1, 30}) {
    Array x(DType::Float32, {32, 784}), y(DType::Int32, {32});
    x.data<float>()[row * 784 + 5] = NAN;
    Model model = wide();
    FitOptions options{.batch_size = 32, .epochs = 1, .verbose = 0};
    options.lanes = 3;
    options.grain = 32;
    options.shuffle = Shuffle::No;
    try {
      model.fit(Dataset(x, y), options);
      FAIL() << "not refused";
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find("sample " + std::to_string(row)), std::string::npos) << error.what();
    }
  }
}

}  // namespace
}  // namespace batchwise
