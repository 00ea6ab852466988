// Facts of the grain rule: what it may look at, how close to its own best it chooses, and what it leaves for many
// cores.
#include "plan/grain.h"

#include <gtest/gtest.h>

#include <batchwise/batchwise.h>

namespace batchwise {
namespace {

Model mlp(int64_t units) {
  return Sequential({Input({784}), Dense({.units = units, .activation = "relu"}), Dense({.units = 10})});
}

Model small_convolutions() {
  return Sequential({Input({28, 28, 1}), Conv2D({.filters = 32, .kernel_size = 3, .activation = "relu"}),
                     MaxPooling2D({.pool_size = 2}), Conv2D({.filters = 64, .kernel_size = 3, .activation = "relu"}),
                     MaxPooling2D({.pool_size = 2}), Flatten(), Dropout({.rate = 0.5}), Dense({.units = 10})});
}

Model photo_convolutions() {
  return Sequential(
      {Input({128, 128, 3}), Conv2D({.filters = 16, .kernel_size = 3, .padding = "same", .activation = "relu"}),
       MaxPooling2D({.pool_size = 2}),
       Conv2D({.filters = 32, .kernel_size = 3, .padding = "same", .activation = "relu"}),
       MaxPooling2D({.pool_size = 2}),
       Conv2D({.filters = 64, .kernel_size = 3, .padding = "same", .activation = "relu"}),
       MaxPooling2D({.pool_size = 2}), Flatten(), Dense({.units = 128, .activation = "relu"}), Dense({.units = 10})});
}

std::vector<Model> models() { return {mlp(128), mlp(5000), small_convolutions(), photo_convolutions()}; }

int64_t chosen(const Model& model, int64_t batch_size) { return choose_grain(grain_facts(model, batch_size)).samples; }

TEST(Grain, IsNeverLargerThanTheBatchNeeds) {
  for (const Model& model : models())
    for (int64_t batch : {1, 2, 3, 7, 31, 32, 33, 100, 1000, 8192}) {
      const Grain grain = choose_grain(grain_facts(model, batch));
      EXPECT_GE(grain.samples, 1);
      EXPECT_LE(grain.samples, batch);
      EXPECT_EQ(grain.grains, (batch + grain.samples - 1) / grain.samples);
      EXPECT_GE(grain.blocks, 1);
      EXPECT_LE(grain.blocks, grain.grains);
    }
}

TEST(Grain, IsWithinTenPercentOfTheRulesOwnBest) {
  for (const Model& model : models())
    for (int64_t batch : {1, 32, 100, 512, 2048, 8192}) {
      const GrainFacts facts = grain_facts(model, batch);
      const double own = estimated_seconds(facts, choose_grain(facts).samples);
      for (int64_t samples = 1; samples <= std::min<int64_t>(batch, 512); ++samples)
        EXPECT_LE(own, 1.1 * estimated_seconds(facts, samples)) << "batch " << batch << ", grain " << samples;
    }
}

// Measured on two cores of Zen 5: every chosen grain was within 5 % of the fastest of the powers of two.
TEST(Grain, IsWhatWasMeasuredToBeFast) {
  EXPECT_EQ(chosen(mlp(128), 32), 32);  // lanes share it: two grains would lose more by sharing the weights
  EXPECT_EQ(chosen(mlp(128), 512), 128);
  EXPECT_GE(chosen(mlp(128), 8192), 128);
  EXPECT_EQ(chosen(small_convolutions(), 128), 4);
  EXPECT_GE(chosen(photo_convolutions(), 256), 8);
  EXPECT_LE(chosen(photo_convolutions(), 256), 16);
}

TEST(Grain, IsAMultipleOfTheSamplesThatGhostStatisticsTakeTogether) {
  GrainFacts facts = grain_facts(small_convolutions(), 1000);
  for (int64_t together : {3, 8, 32, 600, 1024}) {
    facts.samples_together = together;
    EXPECT_EQ(choose_grain(facts).samples % together, 0) << together;
    EXPECT_THROW(stated_grain(facts, together + 1), Error);
    EXPECT_EQ(stated_grain(facts, 2 * together).samples, 2 * together);
  }
}

TEST(Grain, LeavesWorkForManyCoresWhenTheBatchIsLarge) {
  for (const Model& model : models()) {
    const Grain grain = choose_grain(grain_facts(model, 8192));
    EXPECT_GE(grain.grains, 16);
    EXPECT_GE(grain.blocks, 2);
  }
  for (const Model& model : {small_convolutions(), photo_convolutions()})
    EXPECT_GE(choose_grain(grain_facts(model, 256)).grains, 16);
}

TEST(Grain, DoesNotGrowWithLargeBatches) {
  for (const Model& model : models()) EXPECT_EQ(chosen(model, 4096), chosen(model, 65536));
}

TEST(Grain, DoesNotDependOnLanesOrMemory) {
  Model model = small_convolutions();
  model.compile({.optimizer = Adam(), .loss = SparseCategoricalCrossentropy({.from_logits = true})});
  const Plan wide = model.plan({.batch_size = 512, .memory = GiB(2), .lanes = 8});
  const Plan narrow = model.plan({.batch_size = 512, .memory = wide.smallest_budget + MiB(8), .lanes = 1});
  EXPECT_EQ(wide.grain, narrow.grain);
  EXPECT_EQ(wide.blocks, narrow.blocks);
  EXPECT_EQ(wide.grains, narrow.grains);
}

// A model that is called as a layer costs what its layers cost.
TEST(Grain, OfAModelInAModelIsThatOfItsLayersWrittenOut) {
  const auto nested = [](const Model& inner) { return Sequential({Input(inner.inputs().front().shape()), inner}); };
  for (const Model& model : models())
    for (int64_t batch : {1, 32, 512, 4096}) {
      const GrainFacts flat = grain_facts(model, batch), wrapped = grain_facts(nested(nested(model)), batch);
      EXPECT_EQ(wrapped.weight_bytes, flat.weight_bytes);
      EXPECT_EQ(wrapped.summed_bytes, flat.summed_bytes);
      EXPECT_EQ(wrapped.activation_bytes_per_sample, flat.activation_bytes_per_sample);
      EXPECT_EQ(choose_grain(wrapped).samples, choose_grain(flat).samples) << batch;
    }
}

TEST(Grain, LeavesAsManyPerBatchAsAreAskedFor) {
  for (const Model& model : models())
    for (int64_t batch : {2, 5, 32, 512}) EXPECT_GE(choose_grain(grain_facts(model, batch), 2).grains, 2) << batch;
  EXPECT_EQ(choose_grain(grain_facts(mlp(128), 1), 2).grains, 1);
}

// Many where weights are large against a sample's work, but no more than two lanes have of 128 samples; few where a
// sample's activations fill a cache.
TEST(Grain, OfInferenceIsOfTheModelAlone) {
  EXPECT_EQ(inference_grain(mlp(128)), 64);
  EXPECT_EQ(inference_grain(mlp(5000)), 64);
  EXPECT_EQ(inference_grain(small_convolutions()), 4);
  EXPECT_EQ(inference_grain(photo_convolutions()), 4);
}

TEST(Grain, OfAPredictionLeavesSamplesForEveryLane) {
  const Model model = mlp(128);
  EXPECT_EQ(prediction_grain(model, 0, 2), inference_grain(model));
  EXPECT_EQ(prediction_grain(model, 1, 2), 1);
  EXPECT_EQ(prediction_grain(model, 30, 2), 15);
  EXPECT_EQ(prediction_grain(model, 31, 2), 16);
  EXPECT_EQ(prediction_grain(model, 100000, 2), inference_grain(model));
}

}  // namespace
}  // namespace batchwise
