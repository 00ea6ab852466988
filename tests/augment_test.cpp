// Layers as a stage of a pipeline: the same pixels for any workers, other ones in every pass, and training on them.
#include <set>

#include <gtest/gtest.h>

#include <batchwise/batchwise.h>

#include "saving/weights_hash.h"

namespace batchwise {
namespace {

constexpr int64_t kImages = 24;

// Images of 6 x 5 pixels whose numbers all differ, and labels.
Dataset images(DType dtype = DType::Float32) {
  Array x(DType::Float32, {kImages, 6, 5, 3}), y(DType::Int32, {kImages});
  for (int64_t i = 0; i < x.count(); ++i) x.data<float>()[i] = static_cast<float>(i * 7919 % 251);
  for (int64_t i = 0; i < kImages; ++i) y.data<int32_t>()[i] = static_cast<int32_t>(i % 3);
  return Dataset(x.cast(dtype), y);
}

std::vector<LayerRef> all_kinds() {
  return {RandomFlip({.mode = "horizontal"}), RandomRotation({.factor = 0.1}),
          RandomZoom({.height_factor = 0.2}), RandomTranslation({.height_factor = 0.1, .width_factor = 0.1}),
          RandomContrast({.factor = 0.3}),    RandomBrightness({.factor = 0.2})};
}

std::vector<float> pixels(const Dataset& data, uint64_t pass) {
  std::vector<float> all;
  const auto stream = data.stage()->open(pass);
  for (Element element; stream->next(element);)
    all.insert(all.end(), element[0].values<float>().begin(), element[0].values<float>().end());
  return all;
}

TEST(Augment, MakesTheSamePixelsForAnyWorkersAndOthersForAnotherPassOrSeed) {
  const MapFunction layers = augment(all_kinds());
  const std::vector<float> expected = pixels(images().map(layers, {.seed = 5}), 1);
  ASSERT_EQ(static_cast<int64_t>(expected.size()), kImages * 6 * 5 * 3);
  for (const int64_t workers : {int64_t{1}, int64_t{2}, int64_t{5}, kAutotune})
    for (const MapFunction& function : {layers, augment(all_kinds())})
      EXPECT_EQ(pixels(images().map(function, {.num_parallel_calls = workers, .seed = 5}).prefetch(3), 1), expected);
  EXPECT_EQ(pixels(images(DType::UInt8).map(layers, {.seed = 5}), 1), expected);
  EXPECT_NE(pixels(images().map(layers, {.seed = 5}), 2), expected);
  EXPECT_NE(pixels(images().map(layers, {.seed = 6}), 1), expected);
  // By number, in any order, they are those of the stream.
  const Dataset rows = images().map(layers, {.seed = 5});
  Array one(DType::Float32, {6, 5, 3});
  void* out[] = {one.raw(), nullptr};
  for (const int64_t row : {int64_t{17}, int64_t{3}}) {
    rows.source().read({&row, 1}, 1, out);
    for (int64_t i = 0; i < one.count(); ++i)
      EXPECT_EQ(one.data<float>()[i], expected[static_cast<size_t>(row * one.count() + i)]);
  }
}

TEST(Augment, FlipsSomeImagesAndLeavesTheOthersAndTheLabels) {
  const Dataset plain = images(), flipped = images().map(augment({RandomFlip({.mode = "horizontal"})}), {.seed = 1});
  const Batch before = plain.read(0, kImages), after = flipped.read(0, kImages);
  std::set<bool> seen;
  for (int64_t i = 0; i < kImages; ++i) {
    const auto at = [](const Batch& batch, int64_t image, int64_t row, int64_t column, int64_t channel) {
      return batch.x[0].data<float>()[((image * 6 + row) * 5 + column) * 3 + channel];
    };
    const bool mirrored = at(after, i, 0, 0, 0) != at(before, i, 0, 0, 0);
    seen.insert(mirrored);
    for (int64_t row = 0; row < 6; ++row)
      for (int64_t column = 0; column < 5; ++column)
        for (int64_t channel = 0; channel < 3; ++channel)
          EXPECT_EQ(at(after, i, row, column, channel), at(before, i, row, mirrored ? 4 - column : column, channel));
    EXPECT_EQ(after.y[0].data<int32_t>()[i], before.y[0].data<int32_t>()[i]);
  }
  EXPECT_EQ(seen.size(), 2u);
}

TEST(Augment, TrainsToTheSameBitsWhateverBringsTheSamples) {
  const auto trained = [](const Dataset& data) {
    Model model = Sequential({Input({6, 5, 3}), Rescaling({.scale = 1 / 255.0f}), Flatten(), Dense({.units = 3})});
    model.compile(
        {.optimizer = SGD({.learning_rate = 0.1f}), .loss = SparseCategoricalCrossentropy({.from_logits = true})});
    model.initialize(1);
    model.fit(data, {.batch_size = 10, .epochs = 2, .shuffle = Shuffle::No, .verbose = 0});
    return weights_sha256(model);
  };
  const MapFunction layers = augment(all_kinds());
  const std::string expected = trained(images().map(layers, {.seed = 3}));
  for (const int64_t workers : {0, 3})
    EXPECT_EQ(trained(images()
                          .filter([](const Element&) { return true; })
                          .map(layers, {.num_parallel_calls = workers, .seed = 3})),
              expected);
  EXPECT_NE(trained(images()), expected);
}

TEST(Augment, RefusesLayersWithWeightsAndSamplesOfAnotherShape) {
  EXPECT_THROW(augment({}), Error);
  EXPECT_THROW(images().map(augment({Flatten(), Dense({.units = 2})})).columns(), Error);
  const MapFunction layers = augment({RandomFlip()});
  EXPECT_NO_THROW(images().map(layers).columns());
  EXPECT_THROW(layers({Array(DType::Float32, {4, 4, 3})}, Address{}), Error);
  EXPECT_THROW(layers({Array::text({"no image"}, {})}, Address{}), Error);
}

}  // namespace
}  // namespace batchwise
