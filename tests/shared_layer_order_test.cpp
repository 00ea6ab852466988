// A BatchNormalization that is called more than once updates its moving averages in the order of Keras's calls.
#include <functional>

#include <gtest/gtest.h>

#include <batchwise/batchwise.h>

namespace batchwise {
namespace {

using Symbols = std::vector<Symbol>;
using Build = std::function<Symbols(const LayerRef& norm, const Symbols& x)>;

// The moving mean after one batch in which input k is k + 1 everywhere: with momentum 0.5 it tells the orders apart.
float moving_mean(int inputs, const Build& build) {
  Symbols x;
  for (int i = 0; i < inputs; ++i) x.push_back(Input({1}));
  const LayerRef norm = BatchNormalization({.momentum = 0.5f});
  const Symbols outputs = build(norm, x);
  Model model(x, outputs);
  model.initialize(1);
  model.compile({.optimizer = SGD({.learning_rate = 0}), .loss = MeanSquaredError()});
  Batch batch;
  for (int i = 0; i < inputs; ++i) batch.x.push_back(Array::from(std::vector<float>(4, i + 1.0f), {4, 1}));
  for (const Symbol& output : outputs)
    batch.y.push_back(Array::from(std::vector<float>(4 * output.shape().count(), 0), output.shape().with_batch(4)));
  model.train_on_batch(batch);
  return norm.layer()->weights()[2]->value[0];
}

Symbol minus(const Symbol& a, const Symbol& b) { return Subtract()({a, b}); }

LayerRef model_around(const LayerRef& norm) {
  const Symbol x = Input({1});
  return LayerRef(Model(x, norm(x)));
}

// The numbers are Keras's, 3.15.1.
TEST(SharedLayerOrder, CallsThatMeetInOneLayerAreMadeInItsOrder) {
  EXPECT_EQ(moving_mean(2, [](auto& norm, auto& x) { return Symbols{minus(norm(x[0]), norm(x[1]))}; }), 1.25f);
  EXPECT_EQ(moving_mean(2,
                        [](auto& norm, auto& x) {
                          const LayerRef inner = model_around(norm);
                          return Symbols{minus(inner(x[0]), inner(x[1]))};
                        }),
            1.25f);
  EXPECT_EQ(moving_mean(3,
                        [](auto& norm, auto& x) {
                          return Symbols{Concatenate()({norm(x[0]), norm(x[1]), norm(x[2])})};
                        }),
            2.125f);
}

TEST(SharedLayerOrder, CallsBelowCallsAreMadeFromTheLastToTheFirst) {
  EXPECT_EQ(moving_mean(2,
                        [](auto& norm, auto& x) {
                          const LayerRef inner = model_around(norm), head = Dense({.units = 1});
                          return Symbols{minus(head(inner(x[0])), head(inner(x[1])))};
                        }),
            1.0f);
  EXPECT_EQ(moving_mean(3,
                        [](auto& norm, auto& x) {
                          const LayerRef d = Dense({.units = 1});
                          return Symbols{Concatenate()({d(norm(x[0])), d(norm(x[1])), d(norm(x[2]))})};
                        }),
            1.375f);
}

TEST(SharedLayerOrder, CallsOfDifferentOutputsAreMadeFromTheLastToTheFirst) {
  EXPECT_EQ(moving_mean(2, [](auto& norm, auto& x) { return Symbols{ReLU()(norm(x[0])), ReLU()(norm(x[1]))}; }), 1.0f);
  EXPECT_EQ(moving_mean(2,
                        [](auto& norm, auto& x) {
                          return Symbols{ReLU()(norm(x[0])), Dense({.units = 1})(ReLU()(norm(x[1])))};
                        }),
            1.0f);
}

}  // namespace
}  // namespace batchwise
