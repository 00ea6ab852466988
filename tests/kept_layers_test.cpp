// Facts of what layers hold: it comes back from files and copies, and wrappers refuse what they would lose.
#include <filesystem>

#include <gtest/gtest.h>

#include <batchwise/batchwise.h>

namespace batchwise {
namespace {

std::string temporary(const std::string& name) { return (std::filesystem::path(::testing::TempDir()) / name).string(); }

// Keras's form of a Sequential cannot say that a layer is called twice.
TEST(KeptLayers, ASequentialThatIsNoChainComesBackAsItIs) {
  const LayerRef twice = Dense({.units = 4, .activation = "tanh"});
  const LayerRef inner(Sequential({Input({4}), twice, twice}));
  const Symbol x = Input({4});
  Model model(x, inner(inner(x)));
  model.initialize(1);
  const Array given = Array::from<float>({1, -2, 3, 0.5f}, {1, 4});
  const Array wanted = model.predict(given, {.verbose = 0});
  for (const char* name : {"no_chain.keras", "no_chain.h5"}) {
    model.save(temporary(name));
    const Array got = Model::load(temporary(name)).predict(given, {.verbose = 0});
    for (int64_t i = 0; i < 4; ++i) EXPECT_EQ(got.data<float>()[i], wanted.data<float>()[i]) << name;
  }
  const Array copied = model.copy().predict(given, {.verbose = 0});
  for (int64_t i = 0; i < 4; ++i) EXPECT_EQ(copied.data<float>()[i], wanted.data<float>()[i]);
}

TEST(KeptLayers, WrappersRefuseLayersThatAreMoreThanTheirArguments) {
  Model pretrained = Sequential({Input({4}), Dense({.units = 3})});
  EXPECT_NO_THROW(TimeDistributed(LayerRef(pretrained)));
  pretrained.initialize(1);
  EXPECT_THROW(TimeDistributed(LayerRef(pretrained)), Error);
  const LayerRef frozen = LSTM({.units = 2});
  frozen.layer()->set_trainable(false);
  EXPECT_THROW(Bidirectional(frozen), Error);
  EXPECT_THROW(TimeDistributed(Dense({.units = 2}).dtype_policy("mixed_bfloat16")), Error);
}

TEST(KeptLayers, WhatWasMeasuredIsNotDrawnAnewInCopies) {
  const LayerRef norm = Normalization();
  Model model = Sequential({Input({2}), norm, Dense({.units = 1})});
  norm.adapt(Dataset(Array::from<float>({1, 10, 3, 30}, {2, 2})));
  model.initialize(1);
  model.save(temporary("measured.keras"));
  for (Model other : {model.copy(), Model::load(temporary("measured.keras"))}) {
    other.initialize(2);
    EXPECT_EQ(other.get_weights()[0].data<float>()[0], 2);
    EXPECT_EQ(other.get_weights()[0].data<float>()[1], 20);
  }
}

}  // namespace
}  // namespace batchwise
