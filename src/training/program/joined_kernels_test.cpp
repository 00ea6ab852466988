// Kernels that are joined give what they give one after the other, to the bit; what is read elsewhere is not joined.
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include <batchwise/batchwise.h>

#include "training/program/program.h"

namespace batchwise {
namespace {

// No value lies between 0 and this, so that a rectifier with it as its threshold does the same as one without; but it
// is another kernel, which is not joined.
constexpr double kNothingBelow = 1e-30;

struct Setting {
  const char* name;
  Config normalization;
  bool trainable;
  int64_t channels;
  std::optional<double> limit;
};

Model network(const Setting& setting, bool joined) {
  Config rectifier = Config::object({{"threshold", joined ? 0.0 : kNothingBelow}});
  if (setting.limit) rectifier.set("max_value", *setting.limit);
  LayerRef normalization = make_layer({"BatchNormalization", setting.normalization}).named("normalization");
  const Symbol x = Input({6, 5, 2});
  const Symbol features = Conv2D({.filters = setting.channels, .kernel_size = {3, 3}, .padding = "same"})(x);
  const Symbol cut = make_layer({"ReLU", rectifier}).named("cut")(normalization(features));
  Model model(x, Dense({.units = 2}).named("head")(Flatten()(cut)));
  model.initialize(3);
  if (!setting.trainable) model.layer("normalization")->set_trainable(false);
  model.compile({.optimizer = SGD({.learning_rate = 0.05f, .momentum = 0.9f}), .loss = "mse"});
  return model;
}

Array numbers(const Shape& shape, uint64_t seed) {
  std::vector<float> values;
  for (int64_t i = 0; i < shape.count(); ++i)
    values.push_back(std::sin(static_cast<float>(i) * 0.7f + static_cast<float>(seed)) * 2);
  return Array::from(values, shape);
}

std::vector<std::string> kinds(const Program& program) {
  std::vector<std::string> kinds;
  for (const ProgramOp& op : program.ops()) kinds.emplace_back(op.kernel->kind());
  return kinds;
}

TEST(JoinedKernels, ANormalizationWithItsRectifierTrainsAndPredictsAsTheTwoDo) {
  const Config exact = Config(Config::Object{});
  const std::vector<Setting> settings{
      {"exact", exact, true, 8, {}},
      {"limited", exact, true, 16, 0.75},
      {"odd channels", exact, true, 3, 6.0},
      {"more channels than a vector", exact, true, 17, {}},
      {"ghost", Config::object({{"ghost_batch_size", 2}}), true, 8, 1.5},
      {"frozen", exact, false, 8, {}},
      {"without scale", Config::object({{"scale", false}}), true, 8, {}},
      {"without centre", Config::object({{"center", false}}), true, 8, 0.5},
      {"along rows", Config::object({{"axis", 1}}), true, 4, {}},
  };
  const Array x = numbers({11, 6, 5, 2}, 1), y = numbers({11, 2}, 2);
  for (const Setting& setting : settings) {
    SCOPED_TRACE(setting.name);
    Model together = network(setting, true), apart = network(setting, false);
    EXPECT_EQ(Program(together, 4, true).ops().size() + 1, Program(apart, 4, true).ops().size());
    for (Model* model : {&together, &apart})
      model->fit(x, y, {.batch_size = 11, .epochs = 4, .grain = 4, .verbose = 0});
    const std::vector<Array> ours = together.get_weights(), theirs = apart.get_weights();
    for (size_t w = 0; w < ours.size(); ++w)
      for (int64_t i = 0; i < ours[w].count(); ++i)
        ASSERT_EQ(ours[w].data<float>()[i], theirs[w].data<float>()[i]) << "weight " << w << " at " << i;
    const Array predicted = together.predict(x), other = apart.predict(x);
    for (int64_t i = 0; i < predicted.count(); ++i) ASSERT_EQ(predicted.data<float>()[i], other.data<float>()[i]);
  }
}

TEST(JoinedKernels, ASumWithItsActivationTrainsAsTheTwoDo) {
  const auto network = [](const LayerRef& activation, bool joined) {
    const Symbol x = Input({6, 5, 2});
    const Symbol a = Conv2D({.filters = 5, .kernel_size = {3, 3}, .padding = "same"})(x);
    const Symbol b = Conv2D({.filters = 5, .kernel_size = {1, 1}})(x);
    const Symbol sum = Add()({a, b, a});
    const Symbol features = activation(sum);
    // A second reader of the sum, which counts for nothing.
    const Symbol read =
        joined ? features : Add()({features, make_layer({"ReLU", Config::object({{"max_value", 0.0}})})(sum)});
    Model model(x, Dense({.units = 2})(Flatten()(read)));
    model.initialize(3);
    model.compile({.optimizer = SGD({.learning_rate = 0.02f}), .loss = "mse"});
    return model;
  };
  const Array x = numbers({11, 6, 5, 2}, 1), y = numbers({11, 2}, 2);
  for (const char* name : {"relu", "tanh", "relu6"}) {
    SCOPED_TRACE(name);
    Model together = network(Activation(name), true), apart = network(Activation(name), false);
    const std::vector<std::string> found = kinds(Program(together, 4, true));
    EXPECT_EQ(std::count(found.begin(), found.end(), std::string("add, ") + name), 1);
    for (Model* model : {&together, &apart})
      model->fit(x, y, {.batch_size = 11, .epochs = 4, .grain = 4, .verbose = 0});
    const std::vector<Array> ours = together.get_weights(), theirs = apart.get_weights();
    for (size_t w = 0; w < ours.size(); ++w)
      for (int64_t i = 0; i < ours[w].count(); ++i)
        ASSERT_EQ(ours[w].data<float>()[i], theirs[w].data<float>()[i]) << "weight " << w << " at " << i;
  }
}

TEST(JoinedKernels, AValueThatIsReadTwiceOrLeavesTheModelStays) {
  const Symbol x = Input({8});
  const Symbol normal = BatchNormalization()(x), cut = ReLU()(normal);
  Model alone(x, cut), added(x, Add()({normal, cut})), given(Ends{x}, Ends{normal, cut});
  for (Model* model : {&alone, &added, &given}) model->initialize(1);
  EXPECT_EQ(kinds(Program(alone, 2, true)), (std::vector<std::string>{"batch_normalization, relu"}));
  EXPECT_EQ(kinds(Program(added, 2, true)), (std::vector<std::string>{"batch_normalization", "relu", "add"}));
  EXPECT_EQ(kinds(Program(given, 2, true)), (std::vector<std::string>{"batch_normalization", "relu"}));
}

}  // namespace
}  // namespace batchwise
