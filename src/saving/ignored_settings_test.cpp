// Facts of settings in files that nothing would come of: they are refused by name instead of being passed over.
#include <gtest/gtest.h>

#include <batchwise/error.h>
#include <batchwise/layers.h>
#include <batchwise/model.h>

#include "saving/compile_config.h"
#include "saving/model_config.h"
#include "saving/model_reader.h"

namespace batchwise {
namespace {

std::string message_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) { return error.what(); }
  return "accepted";
}

Model two_outputs() {
  const Symbol x = Input({4});
  return Model({x}, {Dense({.units = 1}).named("a")(x), Dense({.units = 1}).named("b")(x)});
}

std::string compiled_with(const Config& config) {
  return message_of([&] { read_compile_config(&config, two_outputs(), "m.keras"); });
}

std::string weighted_with(const Config& weights, const Config& loss = "mse") {
  return compiled_with(Config::object({{"optimizer", "sgd"}, {"loss", loss}, {"loss_weights", weights}}));
}

TEST(IgnoredSettings, OfCompileAreRefused) {
  const Config plain = Config::object({{"optimizer", "sgd"},
                                       {"loss", "mse"},
                                       {"run_eagerly", false},
                                       {"steps_per_execution", 1},
                                       {"jit_compile", "auto"}});
  EXPECT_EQ(compiled_with(plain), "accepted");
  Config more = plain;
  more.set("zebra", 1);
  EXPECT_EQ(compiled_with(more),
            "[m.keras: compile_config] every argument must be one that it knows. Got \"zebra\": 1.");
  EXPECT_EQ(compiled_with("adam"), "[m.keras: compile_config] the value must be an object. Got \"adam\".");
  EXPECT_EQ(compiled_with(Config::object({{"loss", "mse"}})),
            "[m.keras: compile_config] an optimizer must be stated. Got {\"loss\": \"mse\"}.");
  EXPECT_EQ(compiled_with(Config()), "accepted");
  EXPECT_EQ(compiled_with(Config(Config::Object{})), "accepted");
}

TEST(IgnoredSettings, WeightsOfLossesNameEveryOutputWithALoss) {
  EXPECT_EQ(weighted_with(Config::object({{"a", 2.0}, {"b", -0.5}})), "accepted");
  EXPECT_EQ(weighted_with(Config::object({{"a", 2.0}})),
            "[m.keras: loss_weights] every output with a loss needs a weight. Got none for \"b\".");
  EXPECT_EQ(weighted_with(Config::object({{"a", 2.0}}), Config::object({{"a", "mse"}, {"b", Config()}})), "accepted");
  EXPECT_EQ(weighted_with(2.0), "[m.keras: loss_weights] every output needs a weight, 2. Got 2.0.");
}

std::string read_with(const Model& model, const std::string& key, const Config& value) {
  Config config = model_config(model);
  for (auto& [name, item] : config.as_object())
    if (name == "config") item.set(key, value);
  return message_of([&] { read_model(config, {"m.keras", {}}); });
}

TEST(IgnoredSettings, OfModelsAreRefused) {
  const Model chain = Sequential({Input({4}), Dense({.units = 1})});
  EXPECT_EQ(read_with(chain, "zebra", 3),
            "[m.keras: Sequential] every argument must be one that it knows. Got \"zebra\": 3.");
  EXPECT_EQ(read_with(two_outputs(), "zebra", 3),
            "[m.keras: Functional] every argument must be one that it knows. Got \"zebra\": 3.");
  EXPECT_EQ(read_with(chain, "dtype", "float16"),
            "[m.keras: Sequential] dtype must be \"float32\" or \"mixed_bfloat16\". Got \"float16\".");
  EXPECT_EQ(read_with(chain, "dtype", "mixed_bfloat16"), "accepted");
}

TEST(IgnoredSettings, OfCallsAreRefused) {
  Config call = Config::object({{"args", Config::List{}}, {"kwargs", Config(Config::Object{})}, {"zebra", 3}});
  EXPECT_EQ(message_of([&] { read_call(call, "m.keras: layer \"d\""); }),
            "[m.keras: layer \"d\"] every argument must be one that it knows. Got \"zebra\": 3.");
}

}  // namespace
}  // namespace batchwise
