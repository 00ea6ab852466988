// Facts about models whose inputs leave sizes open, about calls in other forms, and about models inside models.
#include <gtest/gtest.h>

#include <batchwise/model.h>

#include "model/graph_lowering.h"

namespace batchwise {
namespace {

LayerRef dense(int64_t units) { return make_layer({"Dense", Config::object({{"units", units}})}); }
LayerRef plain(const char* name) { return make_layer(name); }

TEST(OpenShape, GoesThroughLayersAndShowsAsNone) {
  const Symbol x = Input({-1, 5});
  const Symbol y = dense(3)(x);
  EXPECT_EQ(y.shape().text(), "(None, 3)");
  EXPECT_FALSE(y.shape().known());
  EXPECT_THROW(y.shape().count(), Error);
}

TEST(OpenShape, OfImagesSurvivesPoolingAndEndsInGlobalPooling) {
  const Symbol x = Input({-1, -1, 3});
  const Symbol pooled = plain("MaxPooling2D")(x);
  EXPECT_EQ(pooled.shape().text(), "(None, None, 3)");
  EXPECT_EQ(plain("GlobalAveragePooling2D")(pooled).shape(), Shape({3}));
}

TEST(OpenShape, IsRefusedWhereWeightsWouldDependOnIt) {
  const Symbol flat = plain("Flatten")(Input({-1, 5}));
  EXPECT_EQ(flat.shape().text(), "(None,)");
  try {
    dense(3)(flat);
    FAIL() << "must be refused";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("leaves open"), std::string::npos) << error.what();
  }
}

TEST(OpenShape, IsFilledByStatedShapesWithTheSameLayersAndWeights) {
  const Symbol x = Input({-1, 5});
  const Model model(x, dense(3)(x));
  const Model sized = model.for_shapes({{7, 5}});
  EXPECT_EQ(sized.outputs()[0].shape(), Shape({7, 3}));
  EXPECT_EQ(sized.weights(), model.weights());
  EXPECT_EQ(&sized.optimizer_state(), &model.optimizer_state());
  EXPECT_EQ(model.outputs()[0].shape().text(), "(None, 3)");
  EXPECT_THROW(model.for_shapes({{7, 6}}), Error);
  EXPECT_THROW(model.for_shapes({{7}}), Error);
}

TEST(ModelLayer, SharesItsLayersAndNamesTheirWeightsBelowItsOwnName) {
  const Symbol in = Input({4});
  const Model inner(in, dense(3).named("first")(in), "inner");
  const Symbol x = Input({4});
  const LayerRef as_layer(inner);
  const Model outer(x, dense(2).named("second")(as_layer(x)));
  ASSERT_EQ(outer.weights().size(), 4u);
  EXPECT_EQ(outer.weights()[0], inner.weights()[0]);
  EXPECT_EQ(outer.weights()[0]->path, "inner/first/kernel");
  outer.layer("inner")->set_trainable(false);
  EXPECT_FALSE(inner.weights()[0]->learns());
  EXPECT_TRUE(outer.weights()[2]->learns());
  outer.layer("inner")->set_trainable(true);
  EXPECT_TRUE(inner.weights()[0]->learns());
}

TEST(CallForm, IsRefusedByLayersThatTakeTheirTensorsOnly) {
  const Symbol x = Input({4}), y = Input({4});
  CallForm form;
  form.roles = {"", "state"};
  EXPECT_THROW(dense(3)({x, y}, form), Error);
  form = {};
  form.arguments.set("reverse", true);
  EXPECT_THROW(dense(3)({x}, form), Error);
  form = {};
  form.training = false;
  EXPECT_EQ(dense(3)({x}, form).shape(), Shape({3}));
}

TEST(CallForm, TakesAMaskThatIsBool) {
  const Symbol x = Input({6, 4}), numbers = Input({6}), mask = Input({6}, {.dtype = DType::Bool});
  CallForm form;
  form.roles = {"", "mask"};
  EXPECT_EQ(dense(3)({x, mask}, form).shape(), Shape({6, 3}));
  EXPECT_THROW(dense(3)({x, numbers}, form), Error);
}

}  // namespace
}  // namespace batchwise
