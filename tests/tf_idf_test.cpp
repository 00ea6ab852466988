// Lookups that weigh tokens (tf_idf), from files of Keras that keep the weights among their arrays, and back.
#include <filesystem>

#include <gtest/gtest.h>

#include <batchwise/batchwise.h>

#include "formats/json/json.h"

namespace batchwise {
namespace {

const std::string kFolder = BATCHWISE_SOURCE_DIR "/tests/golden/text/";  // make/tf_idf.py makes the files

Array rows_of(const Config& rows) {
  const int64_t count = static_cast<int64_t>(rows.as_list().size());
  const int64_t each = static_cast<int64_t>(rows.as_list()[0].as_list().size());
  std::vector<std::string> words;
  std::vector<int64_t> numbers;
  for (const Config& row : rows.as_list())
    for (const Config& item : row.as_list())
      if (item.is_string()) words.push_back(item.as_string());
      else numbers.push_back(item.as_int());
  return words.empty() ? Array::from(numbers, {count, each}) : Array::text(words, {count, each});
}

void expect_output(const Model& model, const Config& golden) {
  const Array got = model.predict(rows_of(golden.at("rows")), {.verbose = 0});
  const auto& wanted = golden.at("output").as_list();
  ASSERT_EQ(static_cast<size_t>(got.count()), wanted.size());
  for (size_t i = 0; i < wanted.size(); ++i) EXPECT_NEAR(got.data<float>()[i], wanted[i].as_number(), 1e-6) << i;
}

TEST(TfIdf, FilesOfKerasPredictWhatTheyDidAlsoWhenTheyAreSavedOrCopied) {
  const Config cases = read_json(kFolder + "tf_idf.json");
  for (const auto& [name, golden] : cases.as_object()) {
    SCOPED_TRACE(name);
    const Model model = Model::load(kFolder + "tf_idf_" + name + ".keras");
    expect_output(model, golden);
    expect_output(model.copy(), golden);
    const std::string again = (std::filesystem::path(::testing::TempDir()) / ("bw_tf_idf_" + name + ".keras")).string();
    model.save(again);
    expect_output(Model::load(again), golden);
    Model other = Model::load(again);
    const std::string weights = again + ".weights.h5";
    model.save_weights(weights);
    other.load_weights(weights);
    expect_output(other, golden);
  }
}

TEST(TfIdf, LearnedWeightsLieInTheFile) {
  const LayerRef lookup = make_layer({"StringLookup", Config::object({{"output_mode", "tf_idf"}})});
  lookup.adapt(Array::text({"red", "blue", "red", "green"}, {2, 2}));
  const Symbol words = Input({2}, {.dtype = DType::String});
  Model model(words, Dense({.units = 1})(lookup(words)));
  model.initialize(3);
  const Array rows = Array::text({"red", "green", "none", "blue"}, {2, 2});
  const std::string path = (std::filesystem::path(::testing::TempDir()) / "bw_tf_idf_learned.keras").string();
  model.save(path);
  const Array before = model.predict(rows, {.verbose = 0}), after = Model::load(path).predict(rows, {.verbose = 0});
  for (int64_t i = 0; i < before.count(); ++i) EXPECT_EQ(before.data<float>()[i], after.data<float>()[i]);
}

}  // namespace
}  // namespace batchwise
