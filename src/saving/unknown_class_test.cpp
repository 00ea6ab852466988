// Facts of classes that nobody knows: they are refused where they are read, by file, layer and key, and never written.
#include <filesystem>

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

Config unknown(std::string_view module) {
  return Config::object({{"module", module},
                         {"class_name", "Unheard"},
                         {"config", Config(Config::Object{})},
                         {"registered_name", Config()}});
}

Config& entry(Config& value, std::string_view key) {
  for (auto& [name, item] : value.as_object())
    if (name == key) return item;
  throw std::out_of_range(std::string(key));
}

// A model of one Dense, "d", inside another layer or not, with an argument of the Dense changed.
std::string read_with(const std::string& key, const Config& value, bool inside = false) {
  const Symbol x = Input({3, 4});
  const LayerRef dense = Dense({.units = 2}).named("d");
  const Model model({x}, {inside ? TimeDistributed(dense).named("td")(x) : dense(x)});
  Config config = model_config(model);
  Config::List layers = config.at("config").at("layers").as_list();
  Config* arguments = &entry(layers.at(1), "config");
  if (inside) arguments = &entry(entry(*arguments, "layer"), "config");
  arguments->set(key, value);
  entry(config, "config").set("layers", layers);
  return message_of([&] { read_model(config, {"m.keras", {}}); });
}

TEST(UnknownClass, OfAnArgumentIsRefusedWhenTheLayerIsRead) {
  for (const char* kind : {"initializer", "regularizer", "constraint"}) {
    const std::string key = std::string("kernel_") + kind, module = std::string("keras.") + kind + "s";
    EXPECT_EQ(
        read_with(key, unknown(module)),
        "[m.keras: layer \"d\": " + key + "] [Unheard] the name must be one that batchwise knows. Got \"Unheard\".");
    EXPECT_EQ(read_with(key, unknown(module), true),
              "[m.keras: layer \"td\": layer: " + key +
                  "] [Unheard] the name must be one that batchwise knows. Got \"Unheard\".");
  }
  EXPECT_EQ(read_with("activity_regularizer", "l3"),
            "[m.keras: layer \"d\": activity_regularizer] [l3] the name must be one that batchwise knows. Got \"l3\". "
            "Did you mean \"L1\"?");
  EXPECT_EQ(read_with("kernel_regularizer", "l2"), "accepted");
  EXPECT_EQ(read_with("kernel_constraint", Config()), "accepted");
}

TEST(UnknownClass, ArgumentsOfThoseAreKnownToo) {
  for (const auto& [key, name] : {std::pair<std::string, std::string>{"kernel_initializer", "Zeros"},
                                  {"bias_regularizer", "L2"},
                                  {"kernel_constraint", "NonNeg"}}) {
    const std::string message =
        read_with(key, Config::object({{"class_name", name}, {"config", Config::object({{"zebra", 3}})}}));
    EXPECT_EQ(message.find("[m.keras: layer \"d\": " + key + "] [" + name + "] "), 0u) << message;
    EXPECT_NE(message.find("\"zebra\": 3"), std::string::npos) << message;
  }
}

std::string compiled_with(const std::string& key, const Config& value) {
  const Model model = Sequential({Input({4}), Dense({.units = 1})});
  Config config = Config::object({{"optimizer", "sgd"}, {"loss", "mse"}});
  config.set(key, value);
  return message_of([&] { read_compile_config(&config, model, "m.keras"); });
}

TEST(UnknownClass, OfALossOrMetricIsRefusedWhenTheSettingsAreRead) {
  EXPECT_EQ(compiled_with("loss", unknown("keras.losses")),
            "[m.keras: loss] [Unheard] the name must be one that batchwise knows. Got \"Unheard\".");
  EXPECT_EQ(compiled_with("loss", Config::List{"mze"}).find("[m.keras: loss] [mze] the name must be one"), 0u);
  for (const char* key : {"metrics", "weighted_metrics"})
    EXPECT_EQ(
        compiled_with(key, Config::List{"mae", unknown("keras.metrics")}),
        "[m.keras: " + std::string(key) + "] [Unheard] the name must be one that batchwise knows. Got \"Unheard\".");
  EXPECT_NE(
      compiled_with("metrics",
                    Config::List{Config::object({{"class_name", "AUC"}, {"config", Config::object({{"zebra", 3}})}})})
          .find("\"zebra\": 3"),
      std::string::npos);
  for (const char* word : {"accuracy", "acc", "crossentropy", "ce", "mae", "AUC"})
    EXPECT_EQ(compiled_with("metrics", Config::List{word}), "accepted") << word;
}

}  // namespace
}  // namespace batchwise
