// The policy mixed_bfloat16 as a whole: against real Keras under the same policy, in files, in plans, on real digits.
#include <cmath>
#include <map>

#include <batchwise/batchwise.h>
#include <gtest/gtest.h>

#include "formats/json/json.h"
#include "formats/npz/npz.h"

namespace batchwise {
namespace {

const std::string kGolden = std::string(BATCHWISE_SOURCE_DIR) + "/tests/golden/";

std::map<std::string, Array> golden_arrays() {
  const NpzReader reader(kGolden + "mixed_bfloat16/values.npz");
  std::map<std::string, Array> arrays;
  for (const NpzMember& member : reader.members()) arrays.emplace(member.name, reader.read(member.name));
  return arrays;
}

double furthest(const Array& a, const Array& b) {
  EXPECT_EQ(a.count(), b.count());
  double most = 0;
  for (int64_t i = 0; i < a.count(); ++i)
    most = std::max(most, std::fabs(static_cast<double>(a.data<float>()[i]) - b.data<float>()[i]));
  return most;
}

Array first(const Array& array, int64_t count) { return array.slice(0, count); }

// Keras rounds what lies between layers as well: ours is nearer to float32, and from Keras's about as far as that is.
TEST(MixedBfloat16, PredictsAndLearnsAsKeras) {
  const std::map<std::string, Array> arrays = golden_arrays();
  const Config index = read_json(kGolden + "mixed_bfloat16/index.json");
  for (const auto& [name, about] : index.as_object()) {
    SCOPED_TRACE(name);
    const auto array = [&, key = name](const char* what) { return arrays.at(key + "_" + what); };
    Model model = Model::load(kGolden + "mixed_bfloat16/" + name + ".keras");
    const int64_t batch_size = about.at("batch_size").as_int();
    const Array before = model.predict(first(array("x"), batch_size));
    const double apart = furthest(array("before"), array("before_float32"));
    EXPECT_LT(furthest(before, array("before_float32")), apart + 0.001);
    EXPECT_LT(furthest(before, array("before")), 2 * apart + 0.001);
    const History history = model.fit(
        Dataset(array("x"), array("y")),
        {.batch_size = batch_size, .epochs = about.at("epochs").as_int(), .shuffle = Shuffle::No, .verbose = 0});
    const Config::List& losses = about.at("losses").as_list();
    ASSERT_EQ(history["loss"].size(), losses.size());
    for (size_t i = 0; i < losses.size(); ++i) EXPECT_NEAR(history["loss"][i], losses[i].as_number(), 0.02);
    EXPECT_LT(furthest(model.predict(first(array("x"), batch_size)), array("after")), 0.15);
  }
}

TEST(MixedBfloat16, OfOneLayerOfAFileIsHonoured) {
  const std::map<std::string, Array> arrays = golden_arrays();
  Model model = Model::load(kGolden + "keras-files/misc.keras");
  EXPECT_EQ(model.layers().back()->dtype_policy(), DTypePolicy::MixedBfloat16);
  EXPECT_EQ(model.layers()[1]->dtype_policy(), DTypePolicy::Float32);
  const Array rounded = model.predict(arrays.at("misc_x"));
  EXPECT_LT(furthest(rounded, arrays.at("misc_before")), 0.01);
  model.set_dtype_policy("float32");
  EXPECT_GT(furthest(rounded, model.predict(arrays.at("misc_x"))), 0);
}

Model digits_model(const char* policy) {
  Model model = Sequential({Input({28, 28, 1}), Rescaling({.scale = 1 / 255.0f}),
                            Conv2D({.filters = 16, .kernel_size = 3, .activation = "relu"}), MaxPooling2D(),
                            Conv2D({.filters = 32, .kernel_size = 3, .activation = "relu"}), MaxPooling2D(), Flatten(),
                            Dense({.units = 10})});
  model.set_dtype_policy(policy);
  model.compile(
      {.optimizer = Adam(), .loss = SparseCategoricalCrossentropy({.from_logits = true}), .metrics = {"accuracy"}});
  model.initialize(3);
  return model;
}

TEST(MixedBfloat16, ReadsDigitsAsWellAsFloat32) {
  const auto [train, test] = datasets::mnist(kGolden + "mnist");
  std::map<std::string, double> accuracy;
  for (const char* policy : {"float32", "mixed_bfloat16"}) {
    Model model = digits_model(policy);
    model.fit(train.slice(0, 6000), {.batch_size = 64, .epochs = 2, .seed = 1, .verbose = 0});
    accuracy[policy] = *find_log(model.evaluate(test.slice(0, 1000)), "accuracy");
  }
  EXPECT_GT(accuracy["float32"], 0.9);
  EXPECT_NEAR(accuracy["mixed_bfloat16"], accuracy["float32"], 0.01);
}

TEST(MixedBfloat16, IsWrittenToFilesAndPlans) {
  Model model = digits_model("mixed_bfloat16");
  const std::string path = testing::TempDir() + "mixed_bfloat16.keras";
  model.save(path);
  const Model back = Model::load(path);
  for (size_t i = 1; i < back.layers().size(); ++i)
    EXPECT_EQ(back.layers()[i]->dtype_policy(), DTypePolicy::MixedBfloat16);
  const Plan rounded = back.plan({.batch_size = 64}), whole = digits_model("float32").plan({.batch_size = 64});
  EXPECT_TRUE(rounded.instruction_set.starts_with(whole.instruction_set));
  EXPECT_NE(rounded.bytes[ByteClass::Weights], whole.bytes[ByteClass::Weights]);
}

}  // namespace
}  // namespace batchwise
