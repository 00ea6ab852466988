// Facts of models built on others: they share layers and weights, and only new weights are drawn.
#include <gtest/gtest.h>

#include <batchwise/layers.h>

namespace batchwise {
namespace {

Model base() {
  const Symbol x = Input({4}, {"x"});
  const LayerRef twice = Dense({.units = 4}).named("twice");
  return Model(x, Dense({.units = 3}).named("head")(twice(twice(x))));
}

TEST(Transfer, AModelOnAnInnerOutputSharesItsLayers) {
  Model model = base();
  model.initialize(1);
  const Model inner(model.inputs(), {model.output_of("twice", 0, 1)});
  EXPECT_EQ(inner.layer("twice"), model.layer("twice"));
  EXPECT_EQ(inner.nodes().size(), 3u);
  EXPECT_TRUE(inner.initialized());
  EXPECT_EQ(Model(model.inputs(), {model.output_of("twice")}).nodes().size(), 2u);
}

TEST(Transfer, ANewHeadIsDrawnAndTheRestStays) {
  Model model = base();
  model.initialize(1);
  const std::vector<float> learned = model.layer("twice")->weights()[0]->value;
  Model other(model.inputs(), {Dense({.units = 7}).named("new")(model.output_of("twice", 0, 1))});
  EXPECT_FALSE(other.initialized());
  other.initialize_new(2);
  EXPECT_TRUE(other.initialized());
  EXPECT_EQ(other.layer("twice")->weights()[0]->value, learned);
  EXPECT_EQ(other.layer("new")->weights()[0]->value.size(), 28u);
}

TEST(Transfer, OutputsThatAreNotThereAreRefusedByName) {
  const Model model = base();
  EXPECT_THROW(model.output_of("twise"), Error);
  EXPECT_THROW(model.output_of("twice", 1), Error);
  EXPECT_THROW(model.output_of("twice", 0, 2), Error);
}

}  // namespace
}  // namespace batchwise
