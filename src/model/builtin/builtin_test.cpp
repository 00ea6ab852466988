// Built-in models: Keras's architectures, and errors that say what exists.
#include "model/builtin/builtin.h"

#include <algorithm>
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

// Keras's built-in models and ours.
const std::vector<std::pair<std::string, std::string>> kApplications = {
    {"ResNet50", "resnet50"},         {"ResNet50V2", "resnet50v2"},
    {"MobileNetV2", "mobilenetv2"},   {"VGG16", "vgg16"},
    {"DenseNet121", "densenet121"},   {"Xception", "xception"},
    {"InceptionV3", "inceptionv3"},   {"EfficientNetB0", "efficientnetb0"},
    {"ConvNeXtTiny", "convnexttiny"}, {"MobileNetV3Small", "mobilenetv3small"}};

nlohmann::json layers_of(const std::string& application) {
  std::ifstream file(BATCHWISE_SOURCE_DIR "/tests/golden/applications/" + application + "/config.json");
  return nlohmann::json::parse(file)["config"]["layers"];
}

bool has_all_layers(const nlohmann::json& layers) {
  for (const auto& layer : layers) {
    const std::string name = layer["class_name"];
    if (name != "InputLayer" && name != "Sequential" && !Registry<Layer>::instance().find(name)) return false;
  }
  return true;
}

void expect_same_layer(const Layer& layer, const nlohmann::json& expected) {
  EXPECT_EQ(layer.name(), expected["config"]["name"]);
  // Operations are named with their modules: "ops.numpy.Add".
  const std::string name(layer.class_name());
  EXPECT_EQ(name.substr(name.rfind('.') + 1), expected["class_name"].get<std::string>()) << layer.name();
  const Config config = layer.config();
  for (const char* key : {"filters", "kernel_size", "strides", "padding", "pool_size", "epsilon", "momentum", "units",
                          "activation", "groups", "center", "scale", "use_bias", "max_value", "target_shape", "rate"}) {
    const Config* value = config.find(key);
    if (value && expected["config"].contains(key) && layer.class_name() != "Rescaling") {
      EXPECT_EQ(nlohmann::json::parse(value->text()), expected["config"][key]) << layer.name() << "." << key;
    }
  }
}

void expect_same_connections(const Model& model, const nlohmann::json& expected) {
  for (const auto& node : model.nodes())
    for (const auto& layer : expected) {
      if (layer["config"]["name"] != node->layer->name() || node->inputs.empty()) continue;
      auto args = layer["inbound_nodes"][0]["args"];
      if (args[0].is_array()) args = args[0];
      args.erase(std::remove_if(args.begin(), args.end(), [](const auto& a) { return !a.is_object(); }), args.end());
      ASSERT_EQ(args.size(), node->inputs.size()) << node->layer->name();
      for (size_t k = 0; k < args.size(); ++k)
        EXPECT_EQ(args[k]["config"]["keras_history"][0], node->inputs[k].node()->layer->name()) << node->layer->name();
    }
}

TEST(Builtin, ApplicationsHaveTheLayersAndConnectionsOfKerass) {
  for (const auto& [application, name] : kApplications) {
    SCOPED_TRACE(application);
    const nlohmann::json expected = layers_of(application);
    if (!has_all_layers(expected)) {
      std::cout << name << " waits for a layer that is not registered\n";
      continue;
    }
    const Model model = builtin_model(name).make({{96, 96, 3}, DType::Float32, 10});
    ASSERT_EQ(model.layers().size(), expected.size());
    for (size_t i = 0; i < expected.size(); ++i) expect_same_layer(*model.layers()[i], expected[i]);
    expect_same_connections(model, expected);
  }
}

TEST(Builtin, UnetGivesEveryPixelItsClasses) {
  EXPECT_EQ(builtin_model("unet").make({{64, 32, 3}, DType::Float32, 5}).outputs().front().shape(), (Shape{64, 32, 5}));
  EXPECT_THROW(builtin_model("unet").make({{20, 32, 3}, DType::Float32, 5}), Error);
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

TEST(Builtin, LstmTakesWordsVectorsAndImages) {
  const Model words = builtin_model("lstm").make({{80}, DType::Int64, 2});
  EXPECT_EQ(words.num_parameters(), 20000 * 128 + 4 * 128 * (128 + 128 + 1) + 2 * 129);
  const Model vectors = builtin_model("lstm").make({{50, 9}, DType::Float32, 3});
  EXPECT_EQ(vectors.num_parameters(), 4 * 128 * (9 + 128 + 1) + 3 * 129);
  const Model images = builtin_model("lstm").make({{28, 28, 1}, DType::UInt8, 10});
  EXPECT_EQ(images.num_parameters(), 4 * 128 * (28 + 128 + 1) + 10 * 129);
  EXPECT_EQ(message_of([] {
              builtin_model("lstm").make({{784}, DType::Float32, 10});
            }),
            "[lstm] samples must be numbers of words (steps), vectors (steps, features) or images (rows, columns, "
            "channels). Got (784,) of float32.");
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
  std::string names;
  for (const auto& [name, model] : builtin_models()) names += (names.empty() ? "" : ", ") + name;
  const std::string rule = "[model] a model is a .keras file or one of " + names + ". Got ";
  EXPECT_EQ(message_of([] { builtin_model("resnet5"); }), rule + "\"resnet5\". Did you mean \"resnet50\"?");
  EXPECT_EQ(message_of([] { builtin_model("hamster"); }), rule + "\"hamster\".");
}

}  // namespace
}  // namespace batchwise
