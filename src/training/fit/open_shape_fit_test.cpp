// Facts about training models whose inputs leave sizes open, and models inside models.
#include <gtest/gtest.h>

#include <batchwise/dataset.h>
#include <batchwise/model.h>

#include "base/random.h"

namespace batchwise {
namespace {

LayerRef dense(int64_t units) {
  return make_layer({"Dense", Config::object({{"units", units}, {"activation", "tanh"}})});
}

Array numbers(const Shape& shape, uint64_t key) {
  Array array(DType::Float32, shape);
  for (int64_t i = 0; i < array.count(); ++i)
    array.data<float>()[i] = unit_float(philox(key, 0, static_cast<uint64_t>(i))[0]);
  return array;
}

std::vector<float> trained(Model model, const std::vector<Array>& weights) {
  model.set_weights(weights);
  model.compile({.optimizer = {"Adam"}, .loss = {"MeanSquaredError"}});
  model.fit(numbers({23, 7, 5}, 1), numbers({23, 7, 2}, 2), {.batch_size = 8, .epochs = 2, .verbose = 0});
  std::vector<float> all;
  for (const Array& array : model.get_weights())
    all.insert(all.end(), array.values<float>().begin(), array.values<float>().end());
  return all;
}

TEST(OpenShapeFit, GivesTheBitsOfAModelOfStatedShapes) {
  const Symbol stated = Input({7, 5}), open = Input({-1, 5});
  Model first(stated, dense(2)(dense(3)(stated)));
  Model second(open, dense(2)(dense(3)(open)));
  first.initialize(1);
  const std::vector<Array> weights = first.get_weights();
  EXPECT_EQ(trained(first, weights), trained(second, weights));
  EXPECT_EQ(second.optimizer_state().iterations, 6);
  EXPECT_EQ(second.predict(numbers({4, 9, 5}, 3)).shape(), Shape({4, 9, 2}));
  EXPECT_EQ(second.predict(numbers({4, 2, 5}, 3)).shape(), Shape({4, 2, 2}));
  EXPECT_THROW(second.predict(numbers({4, 2, 6}, 3)), Error);
  EXPECT_THROW(second.plan({}), Error);
}

TEST(ModelInModel, GivesTheBitsOfTheSameLayersInOne) {
  const Symbol x = Input({7, 5}), in = Input({7, 5});
  Model flat(x, dense(2)(dense(3)(x)));
  const Model inner(in, dense(3)(in), "inner");
  const Symbol y = Input({7, 5});
  Model nested(y, dense(2)(LayerRef(inner)(y)));
  flat.initialize(1);
  const std::vector<Array> weights = flat.get_weights();
  EXPECT_EQ(trained(flat, weights), trained(nested, weights));
}

TEST(ModelInModel, KeepsItsPathsAndFirstWeightsAfterItsPartsPredicted) {
  const Symbol p = Input({-1, 5}), q = Input({-1, 5}), x = Input({-1, 5});
  Model a(p, dense(3)(p), "a"), b(q, dense(3)(q), "b");
  Model outer(x, make_layer("Add")({LayerRef(a)(x), LayerRef(b)(x)}));
  const auto values = [&] {
    outer.initialize(1);
    std::vector<std::pair<std::string, std::vector<float>>> all;
    for (const auto& weight : outer.weights()) all.emplace_back(weight->path, weight->value);
    return all;
  };
  const auto before = values();
  EXPECT_EQ(before[0].first, "a/dense/kernel");
  EXPECT_NE(before[0].second, before[2].second);
  a.predict(numbers({2, 7, 5}, 1));
  b.predict(numbers({2, 7, 5}, 1));
  EXPECT_EQ(values(), before);
}

TEST(ModelInModel, KeepsWeightsThatAreFrozenInside) {
  const Symbol in = Input({7, 5});
  const Model inner(in, dense(3)(in), "inner");
  const Symbol y = Input({7, 5});
  Model nested(y, dense(2)(LayerRef(inner)(y)));
  nested.layer("inner")->set_trainable(false);
  nested.initialize(1);
  const std::vector<Array> weights = nested.get_weights();
  const std::vector<float> after = trained(nested, weights);
  for (int64_t i = 0; i < weights[0].count(); ++i)
    ASSERT_EQ(after[static_cast<size_t>(i)], weights[0].data<float>()[i]);
  EXPECT_NE(after.back(), weights.back().data<float>()[weights.back().count() - 1]);
}

}  // namespace
}  // namespace batchwise
