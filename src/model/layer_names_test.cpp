// Facts of the paths of variables: they are those of the model that is used, whatever models its layers stand in.
#include "model/layer_names.h"

#include <gtest/gtest.h>

#include <batchwise/layers.h>

#include "model/held_weights.h"

namespace batchwise {
namespace {

using Names = std::vector<std::string>;

const Names kOfBoth = {"a/dense/kernel", "a/dense/bias", "b/dense/kernel", "b/dense/bias"};
const Names kOfOne = {"dense/kernel", "dense/bias"};

Model branch(const char* name, const Shape& shape = {4}) {
  return Sequential({Input(shape), Dense({.units = 3})}, name);
}

Model both(const Model& a, const Model& b) {
  const Symbol x = Input(a.inputs()[0].shape());
  return Model(x, Add()({LayerRef(a)(x), LayerRef(b)(x)}));
}

Model again(const Model& model) { return Model(model.inputs(), model.outputs()); }

Names paths_of(const std::vector<std::shared_ptr<Variable>>& variables) {
  Names paths;
  for (const auto& variable : variables) paths.push_back(variable->path);
  return paths;
}

std::vector<std::vector<float>> values_of(const Model& model) {
  std::vector<std::vector<float>> values;
  for (const auto& variable : model.weights()) values.push_back(variable->value);
  return values;
}

TEST(Paths, AreThoseOfTheModelThatIsAsked) {
  const Model a = branch("a"), b = branch("b"), model = both(a, b);
  EXPECT_EQ(paths_of(model.weights()), kOfBoth);
  const Model other = again(a), another = again(b);
  EXPECT_EQ(paths_of(model.weights()), kOfBoth);
  EXPECT_EQ(paths_of(a.weights()), kOfOne);
  EXPECT_EQ(paths_of(another.weights()), kOfOne);
  EXPECT_EQ(paths_of(model.weights()), kOfBoth);
}

TEST(Names, OfModelsThatNobodyNamedAreNumbered) {
  const auto unnamed = [] { return Sequential({Input({4}), Dense({.units = 3})}); };
  const Symbol x = Input({4});
  const Symbol a = LayerRef(unnamed())(x), b = LayerRef(unnamed())(x), c = LayerRef(branch("c"))(x);
  const Model model(x, Add()({a, b, c}));
  Names names;
  for (const auto& layer : model.layers()) names.push_back(layer->name());
  EXPECT_EQ(names, (Names{"input_layer", "sequential", "sequential_1", "c", "add"}));
  EXPECT_THROW(both(branch("a"), branch("a")), Error);
}

TEST(Paths, StayWhereAModelInsideIsMadeForStatedShapes) {
  const Model a = branch("a", {-1, 4}), b = branch("b", {-1, 4}), model = both(a, b);
  for (const Model& one : {a, b}) EXPECT_EQ(paths_of(one.for_shapes({{5, 4}}).weights()), kOfOne);
  EXPECT_EQ(paths_of(model.weights()), kOfBoth);
  EXPECT_EQ(paths_of(model.for_shapes({{5, 4}}).weights()), kOfBoth);
}

TEST(Paths, GiveTheSameFirstWeightsWhateverWasBuiltSince) {
  const Model a = branch("a"), b = branch("b");
  Model model = both(a, b);
  model.initialize(7);
  const std::vector<std::vector<float>> before = values_of(model);
  EXPECT_NE(before[0], before[2]);
  const Model other = again(a), another = again(b);
  model.initialize(7);
  EXPECT_EQ(values_of(model), before);
  for (const auto& variable : model.weights()) variable->value.clear();
  again(b);
  model.initialize_new(7);
  EXPECT_EQ(values_of(model), before);
}

TEST(Paths, StayWhileASessionHoldsTheVariables) {
  const Model a = branch("a"), b = branch("b"), model = both(a, b);
  const auto variables = model.weights();
  again(a);
  {
    const WeightsHold hold(model, "test");
    EXPECT_EQ(paths_of(variables), kOfBoth);
    again(a);
    b.weights();
    EXPECT_THROW(require_not_held(b, "test"), Error);
    EXPECT_EQ(paths_of(variables), kOfBoth);
  }
  EXPECT_EQ(paths_of(b.weights()), kOfOne);
}

}  // namespace
}  // namespace batchwise
