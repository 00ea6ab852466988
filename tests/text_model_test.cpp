// Models of text: trained from folders, kept with their vocabularies, and run by the command line.
#include <batchwise/batchwise.h>

#include "saving/weights_hash.h"
#include "tests/cli_fixture.h"

namespace batchwise {
namespace {

struct TextModel : Cli {
  void SetUp() override {
    Cli::SetUp();
    reviews = folder + "/reviews";
    const Words good{"fine", "great", "lovely", "superb"}, bad{"awful", "poor", "dull", "broken"};
    const Words rest{"the", "film", "was", "and", "a", "story"};
    for (const char* name : {"bad", "good"}) fs::create_directories(reviews + "/" + name);
    for (size_t i = 0; i < 80; ++i) {
      const Words& told = i % 2 ? good : bad;
      const std::string path = reviews + (i % 2 ? "/good/" : "/bad/") + std::to_string(i) + ".txt";
      std::ofstream(path) << "The " << rest[i % 6] << " was " << told[i / 2 % 4] << ", " << rest[i % 5] << "!\n"
                          << told[i / 3 % 4];
    }
  }

  Model model() {
    words = TextVectorization({.max_tokens = 40, .output_mode = "count"});
    TextDatasetOptions options;
    options.shuffle = false;
    texts = text_dataset_from_directory(reviews, options);
    words->adapt(texts);
    Model made = Sequential({Input({1}, {.dtype = DType::String}), *words, Dense({.units = 2})});
    made.compile({.optimizer = Adam({.learning_rate = 0.05f}),
                  .loss = SparseCategoricalCrossentropy({.from_logits = true}),
                  .metrics = {"accuracy"}});
    return made;
  }

  std::string reviews;
  std::optional<LayerRef> words;
  TextDataset texts;
};

TEST_F(TextModel, LearnsFromAFolderAndKeepsItsVocabularyInTheFile) {
  Model made = model();
  made.fit(texts, {.batch_size = 16, .epochs = 12, .verbose = 0});
  const Logs logs = made.evaluate(texts);
  EXPECT_GE(*find_log(logs, "accuracy"), 0.99);
  made.save(folder + "/text.keras");
  const Model again = Model::load(folder + "/text.keras");
  EXPECT_EQ(get_vocabulary(LayerRef(again.layers()[1])), get_vocabulary(*words));
  const Array before = made.predict(texts), after = again.predict(texts);
  for (int64_t i = 0; i < before.count(); ++i) EXPECT_EQ(before.data<float>()[i], after.data<float>()[i]);
}

// The samples of `data` one after another, each with text of its own.
Generator<std::pair<Array, int32_t>> samples_of(Dataset data) {
  for (int64_t i = 0; i < data.size(); ++i) {
    const Batch one = data.read(i, 1);
    std::pair<Array, int32_t> sample;
    sample.first = Array::text({std::string(*one.x[0].data<std::string_view>())}, Shape());
    sample.second = *one.y[0].data<int32_t>();
    co_yield sample;
  }
}

Dataset one_by_one(const Dataset& data) {
  return from_range([data] { return samples_of(data); });
}

TEST_F(TextModel, TrainsOnTextThatComesOneAfterAnotherAsOnAFolder) {
  Model one = model();
  FitOptions options{.batch_size = 16, .epochs = 2, .shuffle = Shuffle::No, .verbose = 0};
  one.fit(texts, options);
  const Array predicted = one.predict(texts);
  for (const Dataset& stream : {one_by_one(texts), one_by_one(texts).batch(7), one_by_one(texts).prefetch(3)}) {
    Model two = model();
    const Words vocabulary = get_vocabulary(*words);
    words->adapt(stream);
    EXPECT_EQ(get_vocabulary(*words), vocabulary);
    two.fit(stream, options);
    EXPECT_EQ(weights_sha256(one), weights_sha256(two));
    EXPECT_EQ(one.evaluate(texts)[0].second, two.evaluate(stream)[0].second);
    const Array again = two.predict(stream);
    ASSERT_EQ(again.bytes(), predicted.bytes());
    EXPECT_EQ(std::memcmp(again.raw(), predicted.raw(), static_cast<size_t>(again.bytes())), 0);
  }
}

TEST_F(TextModel, PredictsTheSameBitsForAnyBatchSizeAndTrainsTheSameForAnyLanes) {
  Model one = model(), two = model();
  one.fit(texts, {.batch_size = 16, .epochs = 2, .lanes = 1, .verbose = 0});
  two.fit(texts, {.batch_size = 16, .epochs = 2, .lanes = 2, .verbose = 0});
  const Array a = one.predict(texts, {.batch_size = 3}), b = two.predict(texts, {.batch_size = 64});
  EXPECT_EQ(std::memcmp(a.raw(), b.raw(), static_cast<size_t>(a.bytes())), 0);
}

TEST_F(TextModel, TheCommandLineTrainsOnAFolderOfTexts) {
  Model made = model();
  made.initialize(1);
  made.save(folder + "/text.keras");
  const ChildResult result = run({"train", folder + "/text.keras", reviews, "--batch-size", "16", "--epochs", "12",
                                  "--validation-split", "0.2", "--seed", "3", "--json"});
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_GE(json::parse(result.last_line())["history"]["val_accuracy"].back().get<double>(), 0.9);
  EXPECT_EQ(run({"evaluate", folder + "/text.keras", reviews, "--json"}).code, 0);
  const ChildResult numbers = run({"train", folder + "/text.keras", Cli::data, "--batch-size", "16", "--epochs", "1"});
  expect_error(numbers, 2, "must have the shape (1,). Got (8,) from ");
}

TEST_F(TextModel, TheCommandLineTrainsOnTextOfACsvFileWithLabelsInWords) {
  Model made = model();
  made.initialize(1);
  made.save(folder + "/text.keras");
  std::ofstream csv(folder + "/reviews.csv");
  csv << "review,verdict\n";
  for (int64_t i = 0; i < texts.size(); ++i) {
    const Batch one = texts.read(i, 1);
    csv << '"' << *one.x[0].data<std::string_view>() << "\"," << (*one.y[0].data<int32_t>() ? "good" : "bad") << "\n";
  }
  csv.close();
  const ChildResult result = run({"train", folder + "/text.keras", folder + "/reviews.csv", "--target", "verdict",
                                  "--batch-size", "16", "--epochs", "12", "--json"});
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_GE(json::parse(result.last_line())["history"]["accuracy"].back().get<double>(), 0.9);
}

TEST_F(TextModel, InspectCountsWordsAndNamesEmptyAndDamagedTexts) {
  std::ofstream(reviews + "/bad/empty.txt") << " \n ...\n";
  std::ofstream(reviews + "/good/damaged.txt") << "caf\xe9 au lait";
  const ChildResult shown = run({"inspect", reviews});
  ASSERT_EQ(shown.code, 0) << shown.err;
  for (const char* part : {"82 texts", "class 0 bad: 41", "words of a text: 0 to 6",
                           "different words: ", "most often the", "1 without a word", "bad/empty.txt", "1 damaged",
                           "good/damaged.txt: the text must be UTF-8. Got other bytes at 3."})
    EXPECT_NE(shown.out.find(part), std::string::npos) << part << "\n" << shown.out;
  const json event = json::parse(run({"inspect", reviews, "--json"}).out);
  EXPECT_EQ(event["files"], 82);
  EXPECT_EQ(event["frequent_words"][0], "the");
  EXPECT_EQ(event["words_of_a_text"]["most"], 6);
  EXPECT_EQ(event["damaged"].size(), 1);
  EXPECT_EQ(run({"inspect", reviews, "--out", folder + "/sheet.png"}).code, 2);
}

TEST_F(TextModel, TextIsRefusedWhereNumbersAreWanted) {
  EXPECT_THROW(Dense({.units = 1})(Input({1}, {.dtype = DType::String})), Error);
  Model dense = Sequential({Input({1}), Dense({.units = 1})});
  dense.compile({.optimizer = SGD({}), .loss = MeanSquaredError()});
  EXPECT_THROW(dense.fit(Array::text({"a", "b"}), Array(DType::Float32, {2, 1}), {.batch_size = 1, .verbose = 0}),
               Error);
}

}  // namespace
}  // namespace batchwise
