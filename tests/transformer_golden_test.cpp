// A transformer of real Keras: predictions, the loss, and the gradient of every weight.
#include <cmath>
#include <map>

#include <batchwise/batchwise.h>
#include <gtest/gtest.h>

#include "formats/npz/npz.h"
#include "model/builtin/builtin.h"

namespace batchwise {
namespace {

const std::string kGolden = std::string(BATCHWISE_SOURCE_DIR) + "/tests/golden/";

void expect_near(const Array& expected, const float* got, double tolerance, const std::string& what) {
  double largest = 1;
  for (const float v : expected.values<float>()) largest = std::max(largest, std::fabs(static_cast<double>(v)));
  for (int64_t i = 0; i < expected.count(); ++i)
    ASSERT_NEAR(expected.data<float>()[i], got[i], tolerance * largest) << what << "[" << i << "]";
}

TEST(TransformerGolden, PredictsAndLearnsAsKeras) {
  const NpzReader reader(kGolden + "transformer.npz");
  std::map<std::string, Array> arrays;
  for (const NpzMember& member : reader.members()) arrays.emplace(member.name, reader.read(member.name));
  Model model = Model::load(kGolden + "transformer.keras");
  expect_near(arrays.at("infer_out"), model.predict(arrays.at("x0")).data<float>(), 1e-5, "prediction");

  std::vector<std::vector<float>> before;
  for (const auto& weight : model.weights()) before.push_back(weight->value);
  model.compile(
      {.optimizer = SGD({.learning_rate = 1.0f}), .loss = model.compiled() ? model.compiled()->loss : Spec("mse")});
  const History history =
      model.fit(Dataset(arrays.at("x0"), arrays.at("y")), {.batch_size = 4, .epochs = 1, .verbose = 0});
  EXPECT_NEAR(history["loss"].front(), arrays.at("loss").data<float>()[0], 1e-5);
  size_t checked = 0;
  for (size_t i = 0; i < before.size(); ++i)
    for (const auto& [name, gradient] : arrays) {
      if (!name.starts_with("grad" + std::to_string(i) + "_")) continue;
      std::vector<float> moved(before[i]);
      for (size_t e = 0; e < moved.size(); ++e) moved[e] -= model.weights()[i]->value[e];
      expect_near(gradient, moved.data(), 1e-5, name);
      ++checked;
    }
  EXPECT_EQ(checked, 16u);
}

TEST(TransformerGolden, TheBuiltInOneLearnsWhichWordIsThere) {
  constexpr int64_t kSamples = 256, kWords = 12;
  Array x(DType::Int32, {kSamples, kWords}), y(DType::Int32, {kSamples});
  for (int64_t i = 0; i < kSamples; ++i) {
    y.data<int32_t>()[i] = static_cast<int32_t>(i % 2);
    for (int64_t t = 0; t < kWords; ++t)
      x.data<int32_t>()[i * kWords + t] = static_cast<int32_t>(1 + (i * 7 + t * 3) % 20) +
                                          (t == i % kWords ? 100 * (1 + static_cast<int32_t>(i % 2)) : 0);
  }
  Model model = builtin_model("transformer").make({{kWords}, DType::Int32, 2});
  model.compile(builtin_compile_options(true));
  const Dataset data(x, y);
  const History history = model.fit(data, {.batch_size = 32, .epochs = 6, .verbose = 0});
  EXPECT_LT(history["loss"].back(), 0.3);
}

}  // namespace
}  // namespace batchwise
