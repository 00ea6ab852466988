// Folders of texts have Keras's order, labels and split for the same seed.
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <batchwise/error.h>
#include <batchwise/text_dataset.h>

#include "data/temporary_folder_test.h"

namespace batchwise {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using Texts = std::vector<std::string>;

class TextFolder : public ::testing::Test {
 protected:
  void SetUp() override {
    std::ifstream file(BATCHWISE_SOURCE_DIR "/tests/golden/text/text_directory.json");
    golden_ = Json::parse(file);
    folder_ = (fs::temp_directory_path() / ("batchwise-texts-" + std::to_string(::getpid()))).string();
    fs::remove_all(folder_);
    for (const auto& [path, text] : golden_["files"].items()) {
      fs::create_directories(fs::path(folder_ + "/" + path).parent_path());
      std::ofstream(folder_ + "/" + path, std::ios::binary) << text.get<std::string>();
    }
  }
  void TearDown() override { fs::remove_all(folder_); }

  static TextDatasetOptions options_of(const Json& args) {
    TextDatasetOptions options;
    options.shuffle = args.value("shuffle", true);
    if (args.contains("seed")) options.seed = args["seed"].get<uint32_t>();
    if (args.contains("max_length")) options.max_length = args["max_length"].get<int64_t>();
    if (args.contains("class_names")) options.class_names = args["class_names"].get<Texts>();
    if (args.contains("validation_split")) options.validation_split = args["validation_split"].get<double>();
    if (args.contains("labels")) options.labels = std::nullopt;
    if (args.contains("label_mode")) {
      if (args["label_mode"].is_null()) options.label_mode = std::nullopt;
      else options.label_mode = args["label_mode"].get<std::string>();
    }
    return options;
  }
  Texts relative(const Texts& paths) const {
    Texts all;
    for (const std::string& path : paths) all.push_back(path.substr(folder_.size() + 1));
    return all;
  }

  Json golden_;
  std::string folder_;
};

TEST_F(TextFolder, FilesStandInKerassOrderAndSplit) {
  for (const Json& c : golden_["cases"]) {
    SCOPED_TRACE(c["args"].dump());
    TextDatasetOptions options = options_of(c["args"]);
    const auto wanted = c["files_before_split"].get<Texts>();
    if (!options.validation_split) {
      const TextDataset data = text_dataset_from_directory(folder_, options);
      EXPECT_EQ(relative(data.file_paths), wanted);
      if (options.shuffle) continue;  // Keras shuffles the elements once more
      const Json& part = c["parts"][0];
      EXPECT_EQ(data.class_names, part["class_names"].is_null() ? Texts() : part["class_names"].get<Texts>());
      int64_t row = 0;
      const Batch all = data.read(0, data.size());
      for (const Json& element : part["elements"]) {
        const int64_t rows = static_cast<int64_t>(element[0]["values"].size());
        for (int64_t i = 0; i < rows; ++i)
          EXPECT_EQ(all.x[0].data<std::string_view>()[row + i],
                    element[0]["values"][static_cast<size_t>(i)].get<std::string>());
        if (element.size() > 1) {
          const Array labels = all.y[0].cast(DType::Float64);
          const int64_t width = labels.count() / labels.rows();
          EXPECT_EQ(name_of(all.y[0].dtype()), element[1]["dtype"].get<std::string>());
          for (int64_t i = 0; i < rows * width; ++i)
            EXPECT_EQ(labels.data<double>()[row * width + i],
                      element[1]["values"][static_cast<size_t>(i)].get<double>());
        }
        row += rows;
      }
      EXPECT_EQ(row, data.size());
      continue;
    }
    const TextDatasetSplit split = text_datasets_from_directory(folder_, options);
    Texts both = relative(split.training.file_paths);
    EXPECT_EQ(split.training.size(), 23);
    for (const std::string& path : relative(split.validation.file_paths)) both.push_back(path);
    EXPECT_EQ(both, wanted);
    options.subset = "validation";
    EXPECT_EQ(text_dataset_from_directory(folder_, options).file_paths, split.validation.file_paths);
  }
}

TEST_F(TextFolder, TextsOutliveTheFolderAndTheDataSet) {
  Batch batch;
  {
    TextDatasetOptions options;
    options.shuffle = false;
    batch = text_dataset_from_directory(folder_, options).read(0, 3);
  }
  fs::remove_all(folder_);
  EXPECT_EQ(batch.x[0].data<std::string_view>()[0].substr(0, 8), "Zed text");
}

using BrokenTexts = TemporaryFolder;
TEST_F(BrokenTexts, AreNamedAndNeverWaitedFor) {
  write("f/a/1.txt", "fine");
  ASSERT_EQ(::mkfifo(path("f/a/2.txt").c_str(), 0600), 0);
  EXPECT_NE(message_of([&] { text_dataset_from_directory(path("f")); }).find("f/a/2.txt]"), std::string::npos);
  std::filesystem::remove(path("f/a/2.txt"));
  std::filesystem::create_symlink("nowhere", path("f/a/3.txt"));
  EXPECT_NE(message_of([&] { text_dataset_from_directory(path("f")); }).find("f/a/3.txt]"), std::string::npos);
  std::filesystem::remove(path("f/a/3.txt"));
  EXPECT_EQ(message_of([&] { text_dataset_from_directory(path("f")); }), "");
}

TEST_F(TextFolder, RefusesWhatKerasRefuses) {
  const auto refused = [&](auto change) {
    TextDatasetOptions options;
    change(options);
    EXPECT_THROW(text_dataset_from_directory(folder_, options), Error);
  };
  refused([](TextDatasetOptions& o) { o.label_mode = "binary"; });
  refused([](TextDatasetOptions& o) { o.label_mode = "x"; });
  refused([](TextDatasetOptions& o) { o.validation_split = 0.2; });
  refused([](TextDatasetOptions& o) {
    o.validation_split = 0.2;
    o.subset = "training";  // without a seed
  });
  refused([](TextDatasetOptions& o) { o.class_names = {"nothing"}; });
  refused([](TextDatasetOptions& o) { o.labels = {1, 2}; });
  EXPECT_THROW(text_dataset_from_directory(folder_ + "/none"), Error);
}

}  // namespace
}  // namespace batchwise
