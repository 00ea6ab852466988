// Facts of objects in files: no user's class is taken for Keras's class of the same name, and no key is ignored.
#include "saving/file_objects.h"

#include <filesystem>

#include <gtest/gtest.h>

#include <batchwise/error.h>
#include <batchwise/model.h>

#include "formats/json/json.h"
#include "formats/keras/keras_archive.h"

namespace batchwise {
namespace {

const std::string kGolden = BATCHWISE_SOURCE_DIR "/tests/golden/";

std::string message_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) { return error.what(); }
  return "accepted";
}

std::string read(const char* json) {
  return message_of([&] { require_known_objects(parse_json(json, "test"), "m.keras"); });
}

std::string refusal(const std::string& where, const std::string& got) {
  return "[m.keras" + where + "] a class must be Keras's own: the code of others is not in the file. Got " + got + ".";
}

// As Keras 3.15.1 writes classes that users registered with the package "my", or did not register.
TEST(FileObjects, AUsersLayerIsRefused) {
  EXPECT_EQ(read(R"({"module": "keras", "class_name": "Sequential", "registered_name": null, "config": {"layers": [
      {"module": null, "class_name": "Dense", "registered_name": "my>Dense", "config": {"name": "d"}}]}})"),
            refusal(": layer \"d\"", "\"my>Dense\" of the module null"));
  EXPECT_EQ(read(R"({"module": "keras", "class_name": "Sequential", "registered_name": null, "config": {"layers": [
      {"module": null, "class_name": "Dense", "registered_name": "Dense", "config": {"name": "d"}}]}})"),
            refusal(": layer \"d\"", "\"Dense\" of the module null"));
  EXPECT_EQ(read(R"({"module": "keras", "class_name": "Sequential", "registered_name": null, "config": {"layers": [
      {"module": "my_layers.dense", "class_name": "Dense", "registered_name": "Dense", "config": {"name": "d"}}]}})"),
            refusal(": layer \"d\"", "\"Dense\" of the module \"my_layers.dense\""));
}

TEST(FileObjects, AUsersLayerInsideALayerIsRefused) {
  EXPECT_EQ(read(R"({"config": {"layers": [
      {"module": "keras.layers", "class_name": "TimeDistributed", "registered_name": null, "config": {"name": "td", "layer":
        {"module": null, "class_name": "Dense", "registered_name": "my>Dense", "config": {"name": "d"}}}}]}})"),
            refusal(": layer \"td\": layer", "\"my>Dense\" of the module null"));
}

TEST(FileObjects, AUsersModelIsRefused) {
  EXPECT_EQ(read(R"({"module": null, "class_name": "Sequential", "registered_name": "my>Sequential", "config": {}})"),
            refusal("", "\"my>Sequential\" of the module null"));
  EXPECT_EQ(read(R"({"module": null, "class_name": "Functional", "registered_name": "my>Functional", "config": {}})"),
            refusal("", "\"my>Functional\" of the module null"));
  EXPECT_EQ(read(R"({"module": "keras", "class_name": "Sequential", "registered_name": null, "config": {"layers": [
      {"module": null, "class_name": "Functional", "registered_name": "Functional", "config": {"name": "inner"}}]}})"),
            refusal(": layer \"inner\"", "\"Functional\" of the module null"));
}

TEST(FileObjects, AUsersInitializerRegularizerConstraintAndPolicyAreRefused) {
  const auto with = [](const std::string& key, const std::string& class_name) {
    const std::string own = R"({"module": null, "class_name": ")" + class_name + R"(", "registered_name": "my>)" +
                            class_name + R"(", "config": {}})";
    return read((R"({"config": {"layers": [{"module": "keras.layers", "class_name": "Dense", "registered_name": null,
        "config": {"name": "d", ")" +
                 key + "\": " + own + "}}]}}")
                    .c_str());
  };
  for (const auto& [key, name] : {std::pair<std::string, std::string>{"kernel_initializer", "Zeros"},
                                  {"kernel_regularizer", "L2"},
                                  {"kernel_constraint", "NonNeg"},
                                  {"dtype", "DTypePolicy"}})
    EXPECT_EQ(with(key, name), refusal(": layer \"d\": " + key, "\"my>" + name + "\" of the module null"));
}

TEST(FileObjects, AUsersLossMetricOptimizerAndScheduleAreRefused) {
  EXPECT_EQ(read(R"({"compile_config": {"loss":
      {"module": null, "class_name": "MeanSquaredError", "registered_name": "my>MeanSquaredError", "config": {}}}})"),
            refusal(": loss", "\"my>MeanSquaredError\" of the module null"));
  EXPECT_EQ(read(R"({"compile_config": {"metrics": [
      {"module": null, "class_name": "F1Score", "registered_name": "F1Score", "config": {}}]}})"),
            refusal(": metrics", "\"F1Score\" of the module null"));
  EXPECT_EQ(read(R"({"compile_config": {"optimizer":
      {"module": null, "class_name": "Adam", "registered_name": "my>Adam2", "config": {}}}})"),
            refusal(": optimizer", "\"my>Adam2\" of the module null"));
  EXPECT_EQ(read(R"({"compile_config": {"optimizer":
      {"module": "keras.optimizers", "class_name": "SGD", "registered_name": null, "config": {"learning_rate":
        {"module": null, "class_name": "ExponentialDecay", "registered_name": "my>ExponentialDecay", "config": {}}}}}})"),
            refusal(": optimizer: learning_rate", "\"my>ExponentialDecay\" of the module null"));
  EXPECT_EQ(read(R"({"compile_config": {"loss":
      {"module": "my_losses", "class_name": "function", "registered_name": "mse", "config": "mse"}}})"),
            refusal(": loss", "\"function\" of the module \"my_losses\""));
}

TEST(FileObjects, KerassOwnAreAccepted) {
  EXPECT_EQ(read(R"({"module": "keras.src.models.functional", "class_name": "Functional",
      "registered_name": "Functional", "config": {}})"),
            "accepted");
  EXPECT_EQ(read(R"({"module": "builtins", "class_name": "function", "registered_name": "function",
      "config": "mean_squared_error"})"),
            "accepted");
  EXPECT_EQ(read(R"({"class_name": "__keras_tensor__", "config": {"keras_history": ["a", 0, 0]}})"), "accepted");
  EXPECT_EQ(read(R"({"class_name": "Dense", "config": {"name": "a legacy layer"}})"), "accepted");
  EXPECT_NE(read(R"({"module": "keras_hub.layers", "class_name": "Dense", "registered_name": null, "config": {}})"),
            "accepted");
}

TEST(FileObjects, KeysThatNobodyReadsAreRefused) {
  const std::string rule = "every key of an object must be one that batchwise knows. Got \"zebra\": 1.";
  EXPECT_EQ(read(R"({"class_name": "Sequential", "config": {}, "zebra": 1})"), "[m.keras] " + rule);
  EXPECT_EQ(read(R"({"config": {"layers": [{"class_name": "Dense", "config": {"name": "d"}, "zebra": 1}]}})"),
            "[m.keras: layer \"d\"] " + rule);
  EXPECT_EQ(read(R"({"config": {"layers": [{"class_name": "Dense", "config": {"name": "d", "kernel_initializer":
      {"class_name": "Zeros", "config": {}, "zebra": 1}}}]}})"),
            "[m.keras: layer \"d\": kernel_initializer] " + rule);
  EXPECT_EQ(read(R"({"compile_config": {"loss": {"class_name": "Huber", "config": {}, "zebra": 1}}})"),
            "[m.keras: loss] " + rule);
  EXPECT_NE(read(R"({"class_name": "Huber", "config": {}, "inbound_nodes": []})"), "accepted");
  EXPECT_EQ(
      read(R"({"config": {"layers": [{"class_name": "Dense", "config": {"name": "d"}, "name": "d", "inbound_nodes":
      [], "build_config": {}, "shared_object_id": 3, "module": "keras.layers", "registered_name": null}]}})"),
      "accepted");
}

TEST(FileObjects, FilesAreLookedThrough) {
  const KerasArchiveReader golden(kGolden + "cnn.keras");
  const std::string path = (std::filesystem::path(::testing::TempDir()) / "bw_own_class.keras").string();
  Config config = golden.config();
  config.set("module", Config());
  KerasArchiveWriter(path, golden.metadata(), config, 0).commit();
  EXPECT_NE(message_of([&] { Model::load(path); }).find("of the module null"), std::string::npos);
}

}  // namespace
}  // namespace batchwise
