// Built-in models: Keras's architectures, and errors that say what exists.
#include "model/builtin/builtin.h"

#include <fstream>
#include <functional>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace batchwise {
namespace {

std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) { return error.what(); }
  return "no error";
}

TEST(Builtin, Resnet50HasTheLayersAndConnectionsOfKerass) {
  std::ifstream file(BATCHWISE_SOURCE_DIR "/tests/golden/applications/ResNet50/config.json");
  const auto expected = nlohmann::json::parse(file)["config"]["layers"];
  const Model model = builtin_model("resnet50").make({{96, 96, 3}, DType::Float32, 10});
  ASSERT_EQ(model.layers().size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    const Layer& layer = *model.layers()[i];
    EXPECT_EQ(layer.name(), expected[i]["config"]["name"]) << i;
    EXPECT_EQ(layer.class_name(), expected[i]["class_name"].get<std::string>()) << layer.name();
    const Config config = layer.config();
    for (const char* key :
         {"filters", "kernel_size", "strides", "padding", "pool_size", "epsilon", "momentum", "units", "activation"})
      if (const Config* value = config.find(key))
        EXPECT_EQ(nlohmann::json::parse(value->text()), expected[i]["config"][key]) << layer.name() << "." << key;
  }
  for (const auto& node : model.nodes())
    for (const auto& layer : expected)
      if (layer["config"]["name"] == node->layer->name() && !node->inputs.empty()) {
        auto args = layer["inbound_nodes"][0]["args"][0];
        if (!args.is_array()) args = nlohmann::json::array({args});
        ASSERT_EQ(args.size(), node->inputs.size()) << node->layer->name();
        for (size_t k = 0; k < args.size(); ++k)
          EXPECT_EQ(args[k]["config"]["keras_history"][0], node->inputs[k].node()->layer->name())
              << node->layer->name();
      }
}

TEST(Builtin, Resnet50OfThousandClassesHasKerassNumberOfParameters) {
  EXPECT_EQ(builtin_model("resnet50").make({{224, 224, 3}, DType::Float32, 1000}).num_parameters(), 25636712);
}

TEST(Builtin, MlpAndCnnRescaleBytesAndLeaveFloatsAlone) {
  for (const char* name : {"mlp", "cnn"}) {
    const Model bytes = builtin_model(name).make({{28, 28, 1}, DType::UInt8, 10});
    const Model floats = builtin_model(name).make({{28, 28, 1}, DType::Float32, 7});
    EXPECT_EQ(bytes.layers()[1]->class_name(), "Rescaling") << name;
    EXPECT_NE(floats.layers()[1]->class_name(), "Rescaling") << name;
    EXPECT_EQ(floats.outputs().front().shape(), Shape{7}) << name;
  }
  EXPECT_EQ(builtin_model("mlp").make({{28, 28, 1}, DType::UInt8, 10}).num_parameters(), 101770);
  EXPECT_EQ(builtin_model("cnn").make({{28, 28, 1}, DType::UInt8, 10}).num_parameters(), 34826);
}

TEST(Builtin, ShapesThatDoNotFitAreRefusedByTheModelsName) {
  EXPECT_EQ(message_of([] {
              builtin_model("cnn").make({{784}, DType::Float32, 10});
            }),
            "[cnn] samples must be images of shape (height, width, channels), at least 10 by 10. Got (784,).");
  EXPECT_EQ(
      message_of([] {
        builtin_model("resnet50").make({{28, 28, 1}, DType::UInt8, 10});
      }),
      "[resnet50] samples must be images of shape (height, width, channels), at least 32 by 32. Got (28, 28, 1).");
}

TEST(Builtin, UnknownNamesAreAnsweredWithThoseThatExist) {
  EXPECT_EQ(message_of([] { builtin_model("resnet5"); }),
            "[model] a model is a .keras file or one of cnn, mlp, resnet50, transformer. Got \"resnet5\". Did you mean "
            "\"resnet50\"?");
  EXPECT_EQ(message_of([] { builtin_model("perceiver"); }),
            "[model] a model is a .keras file or one of cnn, mlp, resnet50, transformer. Got \"perceiver\".");
}

}  // namespace
}  // namespace batchwise
