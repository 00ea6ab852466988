// Keras's applications as built-in models: with weights by formula they predict what Keras predicted.
#include <cmath>
#include <fstream>

#include <batchwise/model.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "model/builtin/builtin.h"

namespace batchwise {
namespace {

using Json = nlohmann::json;

// tests/golden/README.md: the i-th number of weight j.
double unit(uint64_t j, uint64_t i) {
  uint64_t z = (j * (uint64_t{1} << 32) + i + 1) * 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  z ^= z >> 31;
  return static_cast<double>(z >> 11) * 0x1p-53;
}

double value_of(const Json& weight, double scale, double u) {
  const std::string role = weight["role"];
  if (role == "gamma") return 1 + 0.2 * (2 * u - 1);
  if (role == "small") return 0.1 * (2 * u - 1);
  if (role == "variance") return 0.75 + 0.5 * u;
  if (role == "count") return 0;
  return scale * (2 * u - 1);
}

std::vector<Array> weights_of(const Json& application) {
  std::vector<Array> all;
  for (uint64_t j = 0; j < application["weights"].size(); ++j) {
    const Json& weight = application["weights"][j];
    const auto dims = weight["shape"].get<std::vector<int64_t>>();
    double inputs = 1;
    const size_t outer = weight["depthwise"].get<bool>() ? 2 : 1;
    for (size_t a = 0; a + outer < dims.size(); ++a) inputs *= static_cast<double>(dims[a]);
    const double gain = application[j == application["head_j"].get<uint64_t>() ? "head_gain" : "gain"];
    Array array(DType::Float32, Shape(std::span<const int64_t>(dims)));
    for (int64_t i = 0; i < array.count(); ++i)
      array.data<float>()[i] =
          static_cast<float>(value_of(weight, gain * std::sqrt(6 / inputs), unit(j, static_cast<uint64_t>(i))));
    all.push_back(std::move(array));
  }
  return all;
}

class Application : public testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(Application, PredictsWhatKerasPredicted) {
  const auto& [keras, name] = GetParam();
  std::ifstream file(BATCHWISE_SOURCE_DIR "/tests/golden/applications/index.json");
  const Json application = Json::parse(file)[keras];
  Model model = builtin_model(name).make({{96, 96, 3}, DType::Float32, 10});
  EXPECT_EQ(model.num_parameters(), application["params"]["total"]);
  ASSERT_EQ(model.weights().size(), application["weights"].size());
  for (size_t j = 0; j < model.weights().size(); ++j) {
    const std::string path = application["weights"][j]["path"];
    // Keras gives LayerScale's weight no name: it is numbered by whatever was made before.
    const size_t named = path.find("_layer_scale/") == std::string::npos ? path.size() : path.find('/');
    ASSERT_EQ(model.weights()[j]->path.substr(0, named), path.substr(0, named)) << j;
  }
  model.set_weights(weights_of(application));

  Array x(DType::Float32, {2, 96, 96, 3});
  const double low = application["input_lo"], high = application["input_hi"];
  for (int64_t i = 0; i < x.count(); ++i)
    x.data<float>()[i] =
        static_cast<float>(low + (high - low) * unit(application["input_j"], static_cast<uint64_t>(i)));
  const Array y = model.predict(x);
  ASSERT_EQ(y.shape(), (Shape{2, 10}));
  for (int64_t row = 0; row < 2; ++row)
    for (int64_t c = 0; c < 10; ++c)
      EXPECT_NEAR(y.data<float>()[row * 10 + c], application["output"][row][c].get<double>(), 1e-5) << row << ", " << c;
}

INSTANTIATE_TEST_SUITE_P(OfKeras, Application,
                         testing::Values(std::pair{"ResNet50", "resnet50"}, std::pair{"ResNet50V2", "resnet50v2"},
                                         std::pair{"MobileNetV2", "mobilenetv2"}, std::pair{"VGG16", "vgg16"},
                                         std::pair{"DenseNet121", "densenet121"}, std::pair{"Xception", "xception"},
                                         std::pair{"InceptionV3", "inceptionv3"},
                                         std::pair{"EfficientNetB0", "efficientnetb0"},
                                         std::pair{"ConvNeXtTiny", "convnexttiny"},
                                         std::pair{"MobileNetV3Small", "mobilenetv3small"}),
                         [](const auto& application) { return std::string(application.param.second); });

TEST(ApplicationWeights, AreTheFormulasCheckValues) {
  EXPECT_EQ(unit(0, 0), 0.8833108082136426);
  EXPECT_EQ(unit(3, 7), 0.9983425974339483);
  EXPECT_EQ(unit(1000000, 5), 0.29440987614118785);
}

}  // namespace
}  // namespace batchwise
