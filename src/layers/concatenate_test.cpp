// Facts about Concatenate: every axis, in every layout that fits.
#include <cstring>

#include <gtest/gtest.h>

#include "layers/layer_trial.h"

namespace batchwise {
namespace {

std::unique_ptr<Layer> concatenate(const Config& config = Config(Config::Object{})) {
  auto layer = Registry<Layer>::instance().make({"Concatenate", config}, "test");
  layer->set_name("layer");
  return layer;
}

TEST(Concatenate, EveryAxisInEveryLayoutGivesTheSame) {
  for (const int64_t axis : {1, 2, 3})
    for (const int64_t channels : {16, 3}) {
      Shape a{5, 3, 4, channels}, b = a, c = a;
      b[static_cast<int>(axis)] = 2 * a[static_cast<int>(axis)];
      Shape whole = a;
      whole[static_cast<int>(axis)] *= 4;
      const auto layer = concatenate(Config::object({{"axis", axis}}));
      const std::vector<Array> inputs = {random_array(a, 1), random_array(b, 2), random_array(c, 3)};
      const TrialResult plain = try_layer(*layer, inputs, {}, {random_array(whole, 4)}, {.grain = 2});
      ASSERT_EQ(plain.outputs[0].shape(), whole);
      for (const int block : {8, 16}) {
        const TrialResult blocked =
            try_layer(*layer, inputs, {}, {random_array(whole, 4)}, {.grain = 2, .channel_block = block});
        EXPECT_EQ(values(plain.outputs[0]), values(blocked.outputs[0])) << axis << " " << channels << " " << block;
        for (int i = 0; i < 3; ++i) EXPECT_EQ(values(plain.input_gradients[i]), values(blocked.input_gradients[i]));
        EXPECT_EQ(blocked.kernels, channels == 16 || axis != 3 ? 1 : 4)
            << "only parts that do not fill their blocks need reorders";
      }
    }
}

Array steps(std::initializer_list<uint8_t> counts, int64_t samples) {
  Array mask(DType::Bool, Shape{samples, static_cast<int64_t>(counts.size()) / samples});
  std::copy(counts.begin(), counts.end(), static_cast<uint8_t*>(static_cast<void*>(mask.raw())));
  return mask;
}

// As real Keras gives them.
TEST(Concatenate, MasksFollowStepsAndAreJoinedAlongFeatures) {
  const std::vector<Array> inputs = {random_array(Shape{2, 3, 2}, 1), random_array(Shape{2, 3, 2}, 2)};
  const Array first = steps({1, 1, 0, 0, 1, 0}, 2), second = steps({0, 1, 0, 0, 0, 1}, 2);
  const auto mask_of = [&](int64_t axis, std::vector<Array> masks) {
    const auto layer = concatenate(Config::object({{"axis", axis}}));
    return try_layer(*layer, inputs, {}, {}, {.grain = 2, .training = false, .masks = std::move(masks)}).masks.at(0);
  };
  const auto expect = [](const Array& got, const Array& wanted) {
    ASSERT_EQ(got.shape(), wanted.shape());
    EXPECT_EQ(std::memcmp(got.raw(), wanted.raw(), static_cast<size_t>(wanted.bytes())), 0);
  };
  expect(mask_of(1, {first, second}), steps({1, 1, 0, 0, 1, 0, 0, 1, 0, 0, 0, 1}, 2));
  expect(mask_of(1, {first, Array()}), steps({1, 1, 0, 1, 1, 1, 0, 1, 0, 1, 1, 1}, 2));
  expect(mask_of(1, {Array(), second}), steps({1, 1, 1, 0, 1, 0, 1, 1, 1, 0, 0, 1}, 2));
  expect(mask_of(2, {first, second}), steps({1, 1, 0, 0, 1, 1}, 2));
  EXPECT_TRUE(mask_of(2, {first, Array()}).empty());  // all steps count
  EXPECT_TRUE(mask_of(1, {}).empty());
}

TEST(Concatenate, RefusesShapesThatDoNotFitAndTheBatchAxis) {
  EXPECT_THROW(concatenate()->output_shapes({{3, 4}, {5, 4}}), Error);
  EXPECT_THROW(concatenate()->output_shapes({{3, 4}, {4}}), Error);
  EXPECT_THROW(concatenate(Config::object({{"axis", 0}}))->output_shapes({{3}, {3}}), Error);
  EXPECT_THROW(concatenate()->output_shapes({{3}}), Error);
}

}  // namespace
}  // namespace batchwise
