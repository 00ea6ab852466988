// TextVectorization and the lookups give Keras's vocabularies, numbers and vectors, and keep them in files.
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <batchwise/layers/vocabulary.h>

#include "layers/layer_trial.h"

namespace batchwise {
namespace {

using Json = nlohmann::ordered_json;
using Texts = std::vector<std::string>;

Json golden(const std::string& name) {
  std::ifstream file(std::string(BATCHWISE_SOURCE_DIR "/tests/golden/text/") + name);
  return Json::parse(file);
}

Config config_of(const Json& json) {
  if (json.is_object()) {
    Config::Object object;
    for (const auto& [key, value] : json.items()) object.emplace_back(key, config_of(value));
    return object;
  }
  if (json.is_array()) {
    Config::List list;
    for (const Json& item : json) list.push_back(config_of(item));
    return list;
  }
  if (json.is_boolean()) return json.get<bool>();
  if (json.is_number_integer()) return json.get<int64_t>();
  if (json.is_number()) return json.get<double>();
  if (json.is_string()) return json.get<std::string>();
  return {};
}

std::unique_ptr<Layer> layer_of(const std::string& class_name, const Config& config) {
  auto layer = Registry<Layer>::instance().make({class_name, config}, "test");
  layer->set_name("layer");
  return layer;
}

void flatten(const Json& json, std::vector<Json>& values, std::vector<int64_t>& shape, size_t depth = 0) {
  if (!json.is_array()) {
    values.push_back(json);
    return;
  }
  if (shape.size() == depth) shape.push_back(static_cast<int64_t>(json.size()));
  for (const Json& item : json) flatten(item, values, shape, depth + 1);
}

Array array_of(const Json& json) {
  std::vector<Json> values;
  std::vector<int64_t> dims;
  flatten(json, values, dims);
  const Shape shape{std::span<const int64_t>(dims)};
  if (values.front().is_string()) {
    Texts texts;
    for (const Json& value : values) texts.push_back(value.get<std::string>());
    return Array::text(texts, shape);
  }
  const bool whole = values.front().is_number_integer();
  Array array(whole ? DType::Int32 : DType::Float32, shape);
  for (size_t i = 0; i < values.size(); ++i)
    if (whole) array.data<int32_t>()[i] = values[i].get<int32_t>();
    else array.data<float>()[i] = values[i].get<float>();
  return array;
}

void expect_equal(const Json& expected, const Array& got) {
  ASSERT_EQ(static_cast<int64_t>(expected["values"].size()), got.count()) << expected.dump();
  for (int64_t i = 0; i < got.count(); ++i) {
    const Json& value = expected["values"][static_cast<size_t>(i)];
    if (got.dtype() == DType::String) EXPECT_EQ(value.get<std::string>(), got.data<std::string_view>()[i]) << i;
    else if (got.dtype() == DType::Int32) EXPECT_EQ(value.get<int64_t>(), got.data<int32_t>()[i]) << i;
    else
      EXPECT_NEAR(value.get<double>(), got.data<float>()[i], 1e-6 * std::max(1.0, std::fabs(value.get<double>()))) << i;
  }
}

void adapt(Layer& layer, const std::vector<Array>& parts) {
  const auto adaptation = layer.adapt();
  ASSERT_NE(adaptation, nullptr);
  for (const Array& part : parts) adaptation->see(part);
  adaptation->finish();
}

Array output_of(Layer& layer, const Array& input, int64_t grain = 3) {
  return try_layer(layer, {input}, {}, {}, {.grain = grain, .training = false}).outputs.at(0);
}

Array texts_of(const Json& json) { return Array::text(json.get<Texts>()); }

TEST(TextVectorization, GivesKerassVocabulariesAndNumbersInEveryMode) {
  const Json file = golden("text_vectorization.json");
  const Array texts = texts_of(file["texts"]);
  int run = 0;
  for (const Json& c : file["cases"]) {
    SCOPED_TRACE(c["config"].dump());
    if (c.contains("error")) continue;  // [2] is no tuple in Python; a list here
    Config config = config_of(c["config"]);
    const bool numbers = config.get("output_mode", "int") == "int";
    const bool whole = config.find("split") && config.find("split")->is_null();
    const Json& shape = c["output"]["shape"];
    if (numbers && !whole && !config.find("output_sequence_length"))
      config.set("output_sequence_length", shape[1].get<int64_t>());  // Keras pads to the longest text of the batch
    const auto layer = layer_of("TextVectorization", config);
    adapt(*layer, {texts.slice(0, 4), texts.slice(4, 6)});
    const auto& known = dynamic_cast<const VocabularyLayer&>(*layer);
    EXPECT_EQ(known.vocabulary(true), c["vocabulary"].get<Texts>());
    EXPECT_EQ(known.vocabulary(false), c["vocabulary_without_special"].get<Texts>());
    for (const int64_t grain : {1, 4}) expect_equal(c["output"], output_of(*layer, texts_of(c["inputs"]), grain));
    ++run;

    // The same from what files keep: arguments and assets.
    const auto again = layer_of("TextVectorization", layer->config());
    again->load_assets(layer->assets());
    expect_equal(c["output"], output_of(*again, texts_of(c["inputs"])));
    EXPECT_EQ(again->output_shapes({{1}}), layer->output_shapes({{1}}));
  }
  EXPECT_EQ(run, 23);
}

TEST(TextVectorization, TakesVocabulariesAndWeightsThatAreGiven) {
  const Json file = golden("text_vectorization.json");
  Texts fresh = {"the unknown cat sat zzz", "Dog DOG", "\u00e9t\u00e9 \u4e2d\u6587", ""}, all;
  for (int i = 0; i < 3; ++i) all.push_back(file["texts"][static_cast<size_t>(i)].get<std::string>());
  all.insert(all.end(), fresh.begin(), fresh.end());
  const auto given =
      layer_of("TextVectorization",
               Config::object({{"vocabulary", Config::List{"cat", "dog", "the"}}, {"output_sequence_length", 5}}));
  expect_equal(file["given_vocabulary"]["output"], output_of(*given, Array::text(all)));
  const auto weighted = layer_of("TextVectorization", Config::object({{"vocabulary", Config::List{"cat", "dog"}},
                                                                      {"idf_weights", Config::List{0.5, 2.0}},
                                                                      {"output_mode", "tf_idf"}}));
  expect_equal(file["given_idf"]["output"], output_of(*weighted, Array::text(all)));
}

TEST(TextVectorization, AdaptsAnewAndBreaksTiesAsKerasDoes) {
  const Json file = golden("text_vectorization.json");
  const Array texts = texts_of(file["texts"]);
  const auto twice = layer_of("TextVectorization", Config(Config::Object{}));
  adapt(*twice, {texts.slice(0, 3)});
  adapt(*twice, {texts.slice(3, 7)});
  EXPECT_EQ(dynamic_cast<VocabularyLayer&>(*twice).vocabulary(true), file["adapt_twice_vocabulary"].get<Texts>());
  const auto ties = layer_of("TextVectorization", Config::object({{"max_tokens", 6}}));
  adapt(*ties, {texts_of(file["ties"]["texts"])});
  EXPECT_EQ(dynamic_cast<VocabularyLayer&>(*ties).vocabulary(true), file["ties"]["vocabulary"].get<Texts>());
}

TEST(TextVectorization, RefusesWhatItWouldHaveToGuess) {
  const auto refused = [](const Config& config) {
    EXPECT_THROW(layer_of("TextVectorization", config)->build({{1}}), Error) << config.text();
  };
  refused(Config::object({{"vocabulary", Config::List{"a", "a"}}}));
  refused(Config::object({{"vocabulary", "/etc/passwd"}}));
  refused(Config::object({{"output_mode", "x"}}));
  refused(Config::object({{"standardize", "x"}}));
  refused(Config::object({{"split", "x"}}));
  refused(Config::object({{"ragged", true}}));
  refused(Config::object({{"max_tokens", 3}, {"vocabulary", Config::List{"a", "b", "c"}}}));
  refused(Config::object({{"output_mode", "count"}, {"output_sequence_length", 3}}));
  refused(Config(Config::Object{}));  // no length, no vocabulary
  EXPECT_THROW(output_of(*layer_of("TextVectorization", Config::object({{"output_sequence_length", 3}})),
                         Array::text(Texts{"a"})),
               Error);
  const auto special = layer_of("TextVectorization", Config::object({{"vocabulary", Config::List{"", "[UNK]", "a"}}}));
  EXPECT_EQ(dynamic_cast<VocabularyLayer&>(*special).vocabulary(true), (Texts{"", "[UNK]", "a"}));
}

TEST(Lookups, GiveKerassNumbers) {
  int run = 0;
  for (const Json& c : golden("lookups.json")) {
    const auto name = c["layer"].get<std::string>();
    SCOPED_TRACE(name + " " + c["config"].dump());
    const auto layer = layer_of(name, config_of(c["config"]));
    if (name == "HashedCrossing") {
      const std::vector<Array> features{array_of(c["input"][0]), array_of(c["input"][1])};
      expect_equal(c["output"], try_layer(*layer, features, {}, {}, {.grain = 2, .training = false}).outputs.at(0));
      ++run;
      continue;
    }
    if (!c["adapt"].is_null()) adapt(*layer, {array_of(c["adapt"])});
    Array input = array_of(c["input"]);
    if (c.contains("error")) {
      EXPECT_THROW(output_of(*layer, input), Error);
      continue;
    }
    const std::string mode =
        config_of(c["config"]).get("output_mode", name == "CategoryEncoding" ? "multi_hot" : "int");
    if (mode != "int" && mode != "one_hot" && input.shape().rank() == 1) input = input.reshaped({1, input.rows()});
    std::vector<Array> inputs{input};
    TrialOptions options{.grain = 2, .training = false};
    if (c["call_kwargs"].is_object()) {
      inputs.push_back(array_of(c["call_kwargs"]["count_weights"]));
      options.form.roles = {"", "count_weights"};
    }
    expect_equal(c["output"], try_layer(*layer, inputs, {}, {}, options).outputs.at(0));
    if (c.contains("bin_boundaries")) {
      const Config own = layer->config();
      const Config::List& boundaries = own.at("bin_boundaries").as_list();
      ASSERT_EQ(boundaries.size(), c["bin_boundaries"].size());
      for (size_t i = 0; i < boundaries.size(); ++i)
        EXPECT_NEAR(boundaries[i].as_number(), c["bin_boundaries"][i].get<double>(), 2e-6);
    }
    if (const auto* known = dynamic_cast<const VocabularyLayer*>(layer.get())) {
      Texts vocabulary;
      for (const Json& token : c["vocabulary"])
        vocabulary.push_back(token.is_string() ? token.get<std::string>() : std::to_string(token.get<int64_t>()));
      EXPECT_EQ(known->vocabulary(true), vocabulary);
    }
    const auto again = layer_of(name, layer->config());
    again->load_assets(layer->assets());
    expect_equal(c["output"], try_layer(*again, inputs, {}, {}, options).outputs.at(0));
    ++run;
  }
  EXPECT_EQ(run, 48);
}

TEST(Lookups, VocabulariesThatAreNoLinesBecomeArguments) {
  const auto layer = layer_of("StringLookup", Config(Config::Object{}));
  adapt(*layer, {Array::text(Texts{"two\nlines", "one"})});
  EXPECT_TRUE(layer->assets().empty());
  const auto again = layer_of("StringLookup", layer->config());
  EXPECT_EQ(dynamic_cast<VocabularyLayer&>(*again).vocabulary(true), (Texts{"[UNK]", "two\nlines", "one"}));
}

TEST(Lookups, DamagedVocabulariesAreRefused) {
  const auto layer = layer_of("IntegerLookup", Config::object({{"vocabulary_size", 3}}));
  EXPECT_THROW(layer->load_assets({{"vocabulary.txt", "-1\n1\nx"}}), Error);
  EXPECT_THROW(layer->load_assets({{"vocabulary.txt", "-1\n1\n1"}}), Error);
  EXPECT_THROW(layer->load_assets({{"other.txt", "-1\n1"}}), Error);
  EXPECT_THROW(layer->load_assets({}), Error);
}

}  // namespace
}  // namespace batchwise
