// Every file that real Keras wrote for us loads and comes back; those with a layer that is not registered yet name it.
#include <algorithm>
#include <cctype>
#include <filesystem>

#include <gtest/gtest.h>

#include <batchwise/model.h>

#include "formats/json/json.h"
#include "formats/keras/keras_archive.h"
#include "saving/model_config.h"
#include "saving/model_reader.h"

namespace batchwise {
namespace {

namespace fs = std::filesystem;

const std::string kGolden = BATCHWISE_SOURCE_DIR "/tests/golden/";

std::vector<std::string> files(const std::string& ending) {
  std::vector<std::string> all;
  for (const auto& entry : fs::recursive_directory_iterator(kGolden))
    if (entry.path().string().ends_with(ending)) all.push_back(fs::relative(entry.path(), kGolden).string());
  std::sort(all.begin(), all.end());
  return all;
}

std::string test_name(const ::testing::TestParamInfo<std::string>& file) {
  std::string name = file.param;
  for (char& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  return name;
}

class GoldenFile : public ::testing::TestWithParam<std::string> {};

TEST_P(GoldenFile, LoadsAndComesBack) {
  const std::string path = kGolden + GetParam();
  const Model model = Model::load(path);
  EXPECT_TRUE(model.initialized());
  const std::string again = (fs::path(::testing::TempDir()) / "bw_golden_again.keras").string();
  model.save(again);
  const Model back = Model::load(again);
  EXPECT_EQ(model_config(back), model_config(model));
  const auto a = model.weights(), b = back.weights();
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) EXPECT_EQ(a[i]->value, b[i]->value) << a[i]->path;
  EXPECT_EQ(back.optimizer_state().slots, model.optimizer_state().slots);
}

INSTANTIATE_TEST_SUITE_P(Keras, GoldenFile, ::testing::ValuesIn(files(".keras")), test_name);

class GoldenApplication : public ::testing::TestWithParam<std::string> {};

TEST_P(GoldenApplication, IsReadWithAllItsWeights) {
  const Config config = read_json(kGolden + GetParam());
  const std::string name = fs::path(GetParam()).parent_path().filename().string();
  const Config expected = read_json(kGolden + "applications/index.json").at(name).at("params");
  const Model model = read_model(config, {GetParam(), {}});
  EXPECT_EQ(model.num_parameters(), expected.at("total").as_int());
  EXPECT_EQ(static_cast<int64_t>(model.weights().size()), expected.at("variables").as_int());
  // What is written of it is the same model.
  EXPECT_EQ(model_config(read_model(model_config(model), {GetParam(), {}})), model_config(model));
}

INSTANTIATE_TEST_SUITE_P(Keras, GoldenApplication, ::testing::ValuesIn(files("/config.json")), test_name);

}  // namespace
}  // namespace batchwise
