// Every layer that is registered gives what Keras gave: outputs, gradients and weights, whatever the grain.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "layers/golden_archive.h"
#include "layers/layer_trial.h"

namespace batchwise {
namespace {

using Json = nlohmann::ordered_json;
const std::string kFolder = BATCHWISE_SOURCE_DIR "/tests/golden/layers/";

Config config_from(const Json& json) {
  if (json.is_object()) {
    Config::Object object;
    for (const auto& [key, value] : json.items()) object.emplace_back(key, config_from(value));
    return object;
  }
  if (json.is_array()) {
    Config::List list;
    for (const Json& item : json) list.push_back(config_from(item));
    return list;
  }
  if (json.is_boolean()) return json.get<bool>();
  if (json.is_number_integer()) return json.get<int64_t>();
  if (json.is_number()) return json.get<double>();
  if (json.is_string()) return json.get<std::string>();
  return {};
}

void expect_near(const Array& expected, const Array& got, const std::string& what) {
  ASSERT_EQ(expected.shape(), got.shape()) << what;
  double largest = 1;
  for (float v : expected.values<float>()) largest = std::max(largest, std::fabs(static_cast<double>(v)));
  for (int64_t i = 0; i < expected.count(); ++i) {
    const double wanted = expected.data<float>()[i], have = got.data<float>()[i];
    if (std::isnan(wanted) && std::isnan(have)) continue;
    ASSERT_LE(std::fabs(wanted - have), 1e-5 * largest)
        << what << "[" << i << "]: " << wanted << " expected, got " << have;
  }
}

struct Case {
  std::string name;
  Json json;
  std::map<std::string, Array> arrays;

  std::unique_ptr<Layer> layer() const {
    Config config = config_from(json["config"]["config"]);
    auto made = Registry<Layer>::instance().make({json["class_name"].get<std::string>(), config}, name);
    made->set_name(config.get("name", "layer"));
    made->set_trainable(config.get("trainable", true));
    return made;
  }
  std::vector<Array> numbered(const std::string& prefix, const std::string& suffix = "") const {
    std::vector<Array> list;
    while (arrays.count(prefix + std::to_string(list.size()) + suffix))
      list.push_back(arrays.at(prefix + std::to_string(list.size()) + suffix));
    return list;
  }
  CallForm form() const;
  std::vector<Array> inputs() const;
  Array expected_input_gradient(size_t input) const;
};

// How the case's inputs are handed to the layer: "single", "list", "first+initial_state", "first+value,key".
CallForm Case::form() const {
  CallForm form;
  const std::string call = json["call"].get<std::string>();
  const size_t inputs = json["n_inputs"].get<size_t>();
  if (const size_t plus = call.find('+'); plus != std::string::npos) {
    form.roles = {""};
    std::istringstream keywords(call.substr(plus + 1));
    for (std::string word; std::getline(keywords, word, ',');) form.roles.push_back(word);
    while (form.roles.size() < inputs) form.roles.push_back(form.roles.back());  // a list of states
  }
  for (const auto& [key, value] : json["call_kwargs"].items())
    if (key == "training") {
      form.training = value.get<bool>();
    } else if (arrays.count(key)) {  // a tensor behind the numbered ones
      form.roles.resize(std::max(form.roles.size(), inputs));
      form.roles.push_back(key);
    } else form.arguments.set(key, config_from(value));
  return form;
}

std::vector<Array> Case::inputs() const {
  std::vector<Array> all = numbered("in");
  for (const auto& [key, value] : json["call_kwargs"].items())
    if (arrays.count(key)) all.push_back(arrays.at(key));
  return all;
}

// Keras on TensorFlow adds both one-sided slopes of celu at 0, which makes 2; ours is 1, that of the function.
Array Case::expected_input_gradient(size_t input) const {
  Array expected = arrays.at("din" + std::to_string(input)).clone();
  if (name == "activation_celu")
    for (int64_t i = 0; i < expected.count(); ++i)
      if (arrays.at("in0").data<float>()[i] == 0) expected.data<float>()[i] /= 2;
  // The stored gradient is that of the outputs alone, without what the layer adds to the loss.
  if (json["class_name"] == "ActivityRegularization") {
    const Array& x = arrays.at("in0");
    const double l1 = json["config"]["config"]["l1"], l2 = json["config"]["config"]["l2"];
    for (int64_t i = 0; i < expected.count(); ++i) {
      const double v = x.data<float>()[i];
      expected.data<float>()[i] += static_cast<float>((l1 * (v > 0   ? 1
                                                             : v < 0 ? -1
                                                                     : 0) +
                                                       2 * l2 * v) /
                                                      static_cast<double>(x.rows()));
    }
  }
  return expected;
}

// Keras counts in whole numbers: weights here are float32.
std::vector<Array> floats(std::vector<Array> arrays) {
  for (Array& array : arrays) array = array.cast(DType::Float32);
  return arrays;
}

void check(const Case& c, TrialOptions options) {
  options.form = c.form();
  options.masks = c.numbered("mask");
  const auto layer = c.layer();
  const std::vector<Array> inputs = c.inputs(), weights = floats(c.numbered("w")), outputs = c.numbered("out");
  const std::vector<Array> dy = options.training ? c.numbered("dy") : std::vector<Array>();
  ASSERT_FALSE(inputs.empty());
  const TrialResult result = try_layer(*layer, inputs, weights, dy, options);

  ASSERT_EQ(layer->weights().size(), weights.size());
  for (size_t i = 0; i < weights.size(); ++i) EXPECT_EQ(layer->weights()[i]->spec.shape, weights[i].shape());
  Shapes shapes;
  for (const Array& array : inputs) shapes.push_back(array.shape().without_batch());
  for (size_t i = 0; i < outputs.size(); ++i) {
    const std::string trained = "train_out" + std::to_string(i);
    expect_near(options.training && c.arrays.count(trained) ? c.arrays.at(trained) : outputs[i], result.outputs.at(i),
                "out");
    EXPECT_EQ(layer->call_shapes(shapes, options.form).at(i), outputs[i].shape().without_batch());
  }
  if (c.arrays.count("mask_out")) {
    const Array &wanted = c.arrays.at("mask_out"), &got = result.masks.at(0);
    ASSERT_FALSE(got.empty()) << "the output must have a mask";
    ASSERT_EQ(wanted.shape(), got.shape());
    EXPECT_EQ(std::memcmp(wanted.raw(), got.raw(), static_cast<size_t>(got.bytes())), 0) << "mask_out";
  } else if (!options.masks.empty()) {
    EXPECT_TRUE(result.masks.at(0).empty()) << "the output must have no mask";
  }
  if (!options.training) return;
  for (size_t i = 0; i < inputs.size(); ++i)
    if (c.arrays.count("din" + std::to_string(i)))
      expect_near(c.expected_input_gradient(i), result.input_gradients.at(i), "din" + std::to_string(i));
  for (size_t i = 0; i < weights.size(); ++i) {
    const std::string gradient = "dw" + std::to_string(i), after = "w" + std::to_string(i) + "_after_train";
    if (c.arrays.count(gradient)) expect_near(c.arrays.at(gradient), result.weight_gradients.at(i), gradient);
    expect_near(c.arrays.count(after) ? c.arrays.at(after) : weights[i], result.weights.at(i), after);
  }
}

// A call that states training=False in a model that learns: outputs of inference, and its gradients where they differ.
void check_stated_inference(const Case& c, TrialOptions options) {
  options.form = c.form();
  options.form.training = false;
  options.masks = c.numbered("mask");
  const auto layer = c.layer();
  const std::vector<Array> inputs = c.inputs(), weights = floats(c.numbered("w")), outputs = c.numbered("out");
  const TrialResult result = try_layer(*layer, inputs, weights, c.numbered("dy"), options);
  for (size_t i = 0; i < outputs.size(); ++i) expect_near(outputs[i], result.outputs.at(i), "out");
  for (size_t i = 0; i < inputs.size(); ++i)
    if (const std::string key = "inf_din" + std::to_string(i); c.arrays.count(key))
      expect_near(c.arrays.at(key), result.input_gradients.at(i), key);
  for (size_t i = 0; i < weights.size(); ++i) {
    if (const std::string key = "inf_dw" + std::to_string(i); c.arrays.count(key))
      expect_near(c.arrays.at(key), result.weight_gradients.at(i), key);
    expect_near(weights[i], result.weights.at(i), "a weight that nothing moves");
  }
}

const std::set<std::string> kOneImage = {"resizing_one"};  // Keras takes an image without a batch as well

int failures() { return testing::UnitTest::GetInstance()->current_test_info()->result()->total_part_count(); }

TEST(Golden, EveryRegisteredLayerAgreesWithKerasAtEveryGrain) {
  std::ifstream file(kFolder + "index.json");
  const Json index = Json::parse(file);
  int run = 0;
  for (const auto& [name, json] : index["cases"].items()) {
    SCOPED_TRACE(name);
    Case c{name, json, read_golden_archive(kFolder + json["file"].get<std::string>())};
    if (kOneImage.count(name))
      for (auto& [key, array] : c.arrays) array = array.reshaped(array.shape().with_batch(1));
    const int before = failures();
    for (const int64_t grain : {1, 3, 8})
      for (const int block : {0, 8, 16})
        for (const bool in_place : {false, true})
          for (const bool training : {false, true}) {
            if (block && c.arrays.at("in0").shape().rank() != 4) continue;
            SCOPED_TRACE("grain " + std::to_string(grain) + ", channel block " + std::to_string(block) +
                         (in_place ? ", in place" : "") + (training ? ", training" : ""));
            check(c, {.grain = grain, .training = training, .in_place = in_place, .channel_block = block});
            if (failures() > before) break;
          }
    if (c.arrays.count("inf_din0"))
      for (const int64_t grain : {1, 3}) check_stated_inference(c, {.grain = grain});
    ++run;
  }
  EXPECT_EQ(run, 359);
}

}  // namespace
}  // namespace batchwise
