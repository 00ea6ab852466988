// The Tokenizer, the hashing trick and pad_sequences give what Keras gave.
#include <cmath>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <batchwise/error.h>
#include <batchwise/text.h>

namespace batchwise {
namespace {

using Json = nlohmann::ordered_json;
using Texts = std::vector<std::string>;

Json golden(const std::string& name) {
  std::ifstream file(std::string(BATCHWISE_SOURCE_DIR "/tests/golden/text/") + name);
  return Json::parse(file);
}

TokenizerOptions options_of(const Json& config) {
  TokenizerOptions options;
  if (config.contains("num_words")) options.num_words = config["num_words"].get<int64_t>();
  if (config.contains("oov_token")) options.oov_token = config["oov_token"].get<std::string>();
  options.lower = config.value("lower", true);
  options.filters = config.value("filters", options.filters);
  options.split = config.value("split", options.split);
  options.char_level = config.value("char_level", false);
  return options;
}

void expect_matrix(const Json& expected, const Array& got, const std::string& what) {
  ASSERT_EQ(expected["shape"].get<std::vector<int64_t>>(), std::vector<int64_t>(got.shape().begin(), got.shape().end()))
      << what;
  for (int64_t i = 0; i < got.count(); ++i)
    ASSERT_NEAR(expected["values"][static_cast<size_t>(i)].get<double>(), got.data<double>()[i], 1e-6) << what << i;
}

TEST(Tokenizer, GivesTheNumbersOfKeras) {
  const Json file = golden("tokenizer.json");
  const auto texts = file["texts"].get<Texts>();
  for (const Json& c : file["cases"]) {
    SCOPED_TRACE(c["config"].dump());
    Tokenizer tokenizer(options_of(c["config"]));
    tokenizer.fit_on_texts(texts);
    EXPECT_EQ(tokenizer.word_index(), (c["word_index"].get<std::map<std::string, int64_t>>()));
    EXPECT_EQ(tokenizer.document_count(), c["document_count"].get<int64_t>());
    for (const auto& [word, count] : c["word_counts"].items())
      EXPECT_EQ(tokenizer.word_count(word), count.get<int64_t>());
    for (const auto& [word, count] : c["word_docs"].items())
      EXPECT_EQ(tokenizer.documents_with(word), count.get<int64_t>());
    const auto fresh = c["new_texts"].get<Texts>();
    Texts all = texts;
    all.insert(all.end(), fresh.begin(), fresh.end());
    const auto sequences = tokenizer.texts_to_sequences(all);
    EXPECT_EQ(sequences, c["sequences"].get<std::vector<Tokenizer::Sequence>>());
    EXPECT_EQ(tokenizer.sequences_to_texts(sequences), c["back"].get<Texts>());
    Texts some(texts.begin(), texts.begin() + 3);
    some.insert(some.end(), fresh.begin(), fresh.end());
    for (const auto& [mode, expected] : c["matrix"].items())
      expect_matrix(expected, tokenizer.texts_to_matrix(some, mode), mode);
    if (c.contains("word_index_fit_in_two_calls")) {
      Tokenizer twice(options_of(c["config"]));
      twice.fit_on_texts({texts.begin(), texts.begin() + 2});
      twice.fit_on_texts({texts.begin() + 2, texts.end()});
      EXPECT_EQ(twice.word_index(), (c["word_index_fit_in_two_calls"].get<std::map<std::string, int64_t>>()));
    }
  }
}

TEST(Tokenizer, TakesTextsThatAreSplitAlready) {
  const Json expected = golden("tokenizer.json")["pretokenised"];
  TokenizerOptions options;
  options.oov_token = "o";
  Tokenizer tokenizer(options);
  tokenizer.fit_on_words(expected["input"].get<std::vector<Texts>>());
  EXPECT_EQ(tokenizer.word_index(), (expected["word_index"].get<std::map<std::string, int64_t>>()));
  EXPECT_EQ(tokenizer.words_to_sequences({{"A", "z", "c"}}),
            expected["sequences"].get<std::vector<Tokenizer::Sequence>>());
}

TEST(Tokenizer, RefusesAMatrixBeforeItWasFitted) { EXPECT_THROW(Tokenizer().texts_to_matrix({"a"}), Error); }

TEST(Tokenizer, SplitsIntoWordsAndHashesAsKerasDoes) {
  const Json file = golden("tokenizer.json");
  for (const Json& c : file["text_to_word_sequence"]) {
    const auto text = c["text"].get<std::string>();
    EXPECT_EQ(text_to_word_sequence(text), c["default"].get<Texts>());
    WordOptions upper, comma;
    upper.lower = false;
    comma.split = ",";
    EXPECT_EQ(text_to_word_sequence(text, upper), c["nolower"].get<Texts>());
    EXPECT_EQ(text_to_word_sequence(text, comma), c["split_comma"].get<Texts>());
  }
  for (const Json& c : file["one_hot_md5"])
    EXPECT_EQ(hashing_trick(c["text"].get<std::string>(), c["n"].get<int64_t>()), c["ids"].get<std::vector<int64_t>>());
}

TEST(Tokenizer, LowersLettersAsPythonDoes) {
  EXPECT_EQ(text_to_word_sequence("\xCE\x9F\xCE\xA3 \xCE\xA3\xCE\xA3\xCE\x91"),
            (Texts{"\xCE\xBF\xCF\x82", "\xCF\x83\xCF\x83\xCE\xB1"}));
  EXPECT_EQ(text_to_word_sequence("\xFF\x41"), (Texts{"\xFF\x61"}));
}

PadOptions pad_options(const Json& args) {
  PadOptions options;
  if (!args["maxlen"].is_null()) options.maxlen = args["maxlen"].get<int64_t>();
  options.dtype = dtype_named(args["dtype"].get<std::string>());
  options.padding = args["padding"].get<std::string>();
  options.truncating = args["truncating"].get<std::string>();
  options.value = args["value"].get<double>();
  return options;
}

TEST(PadSequences, GivesTheRowsOfKeras) {
  const Json file = golden("pad_sequences.json");
  const auto sequences = file["sequences"].get<std::vector<std::vector<int64_t>>>();
  for (const Json& c : file["cases"]) {
    SCOPED_TRACE(c["args"].dump());
    if (c.contains("error")) {
      EXPECT_THROW(pad_sequences(sequences, pad_options(c["args"])), Error);
      continue;
    }
    const Array got = pad_sequences(sequences, pad_options(c["args"]));
    EXPECT_EQ(name_of(got.dtype()), c["result"]["dtype"].get<std::string>());
    expect_matrix(c["result"], got.cast(DType::Float64), "rows ");
  }
}

TEST(PadSequences, RefusesWhatKerasRefuses) {
  EXPECT_THROW(pad_sequences(std::vector<std::vector<int64_t>>{}), Error);
  PadOptions none, bytes, word;
  none.maxlen = 0;
  bytes.dtype = DType::UInt8;
  word.padding = "x";
  EXPECT_THROW(pad_sequences(std::vector<std::vector<int64_t>>{{1}}, none), Error);
  EXPECT_THROW(pad_sequences(std::vector<std::vector<int64_t>>{{300}}, bytes), Error);
  EXPECT_THROW(pad_sequences(std::vector<std::vector<int64_t>>{{1}, {1, 2}}, word), Error);
  const Array cut = pad_sequences(std::vector<std::vector<double>>{{1.7, -1.7}});
  EXPECT_EQ(cut.data<int32_t>()[0], 1);
  EXPECT_EQ(cut.data<int32_t>()[1], -1);
}

}  // namespace
}  // namespace batchwise
