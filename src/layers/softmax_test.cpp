// Facts about Softmax: rows sum to one along any axis, and large numbers do not overflow.
#include <gtest/gtest.h>

#include "layers/layer_trial.h"

namespace batchwise {
namespace {

std::unique_ptr<Layer> softmax(const Config& config = Config(Config::Object{})) {
  auto layer = Registry<Layer>::instance().make({"Softmax", config}, "test");
  layer->set_name("layer");
  return layer;
}

TEST(Softmax, SumsToOneAlongItsAxis) {
  const Array x = random_array({2, 3, 37}, 1, -5, 5);
  const Array last = try_layer(*softmax(), {x}, {}).outputs[0],
              first = try_layer(*softmax(Config::object({{"axis", 1}})), {x}, {}).outputs[0];
  for (int64_t row = 0; row < 6; ++row) {
    double sum = 0;
    for (int64_t i = 0; i < 37; ++i) sum += last.data<float>()[row * 37 + i];
    EXPECT_NEAR(sum, 1, 1e-6);
  }
  for (int64_t i = 0; i < 37; ++i)
    EXPECT_NEAR(first.data<float>()[i] + first.data<float>()[37 + i] + first.data<float>()[74 + i], 1, 1e-6);
}

TEST(Softmax, AsAnOperationTakesSeveralAxes) {
  const Array x = random_array({2, 3, 5}, 1, -5, 5);
  const Config axes = Config::object({{"axis", Config::List{1, 2}}});
  const auto operation = Registry<Layer>::instance().make({"ops.nn.Softmax", axes}, "test");
  EXPECT_EQ(values(try_layer(*operation, {x}, {}).outputs[0]), values(try_layer(*softmax(axes), {x}, {}).outputs[0]));
  const Config apart = Config::object({{"axis", Config::List{1, 3}}});
  EXPECT_THROW(Registry<Layer>::instance().make({"ops.nn.Softmax", apart}, "test")->build({{3, 4, 5}}), Error);
  EXPECT_THROW(Registry<Layer>::instance().make({"ops.nn.Sparsemax", axes}, "test"), Error);
}

TEST(Softmax, LargeNumbersDoNotOverflow) {
  const auto y = values(try_layer(*softmax(), {Array::from<float>({1000, 999, -1000}, {1, 3})}, {}).outputs[0]);
  EXPECT_NEAR(y[0], 0.7310586, 1e-6);
  EXPECT_NEAR(y[1], 0.2689414, 1e-6);
  EXPECT_EQ(y[2], 0);
}

TEST(Softmax, RefusesTheBatchAxisAndAxesThatAreNotNeighbours) {
  EXPECT_THROW(softmax(Config::object({{"axis", 0}}))->build({{3}}), Error);
  EXPECT_THROW(softmax(Config::object({{"axis", Config::List{1, 3}}}))->build({{3, 4, 5}}), Error);
}

}  // namespace
}  // namespace batchwise
