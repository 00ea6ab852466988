// Facts of image_dataset_from_directory: Keras's files, order, split, labels and refusals.
#include <batchwise/image_dataset.h>

#include <filesystem>

#include <gtest/gtest.h>

#include "data/numpy_shuffle.h"
#include "data/temporary_folder_test.h"
#include "formats/json/json.h"

namespace batchwise {
namespace {

namespace fs = std::filesystem;

const std::string kGolden = std::string(BATCHWISE_SOURCE_DIR) + "/tests/golden/image-folder";
const std::string kPhotos = kGolden + "/photos";

Config golden() { return read_json(kGolden + "/expected.json"); }

std::vector<std::string> strings(const Config& list) {
  std::vector<std::string> all;
  if (list.is_list())
    for (const Config& one : list.as_list()) all.push_back(one.as_string());
  return all;
}

// Arguments as the golden file writes them; subset "both" is left for the caller.
ImageDatasetOptions options_of(const Config& settings) {
  ImageDatasetOptions o;
  o.image_size = 16;
  for (const auto& [key, value] : settings.as_object()) {
    if (key == "shuffle") o.shuffle = value.as_bool();
    else if (key == "seed") o.seed = static_cast<uint32_t>(value.as_int());
    else if (key == "batch_size") o.batch_size = value.is_null() ? 1 : value.as_int();
    else if (key == "label_mode") o.label_mode = value.is_null() ? std::nullopt : std::optional(value.as_string());
    else if (key == "labels" && value.is_list()) o.labels = ImageLabels{0, 1};
    else if (key == "labels") o.labels = value.is_null() ? ImageLabels(std::nullopt) : value.as_string().c_str();
    else if (key == "class_names") o.class_names = strings(value);
    else if (key == "validation_split") o.validation_split = value.as_number();
    else if (key == "subset") o.subset = value.as_string();
    else if (key == "follow_links") o.follow_links = value.as_bool();
    else if (key == "color_mode") o.color_mode = value.as_string();
    else if (key == "interpolation") o.interpolation = value.as_string();
    else if (key == "crop_to_aspect_ratio") o.crop_to_aspect_ratio = value.as_bool();
    else if (key == "pad_to_aspect_ratio") o.pad_to_aspect_ratio = value.as_bool();
    else if (key == "image_size" && value.is_int()) o.image_size = value.as_int();
    else throw std::logic_error("an argument without a counterpart: " + key);
  }
  return o;
}

std::vector<ImageDataset> open(const std::string& folder, ImageDatasetOptions options) {
  if (options.subset != "both") return {image_dataset_from_directory(folder, options)};
  ImageDatasetSplit split = image_datasets_from_directory(folder, options);
  return {split.training, split.validation};
}

std::vector<std::string> relative_paths(const ImageDataset& data, const std::string& folder) {
  std::vector<std::string> paths = data.file_paths();
  for (std::string& path : paths) path = path.substr(folder.size() + 1);
  return paths;
}

class ImageFolders : public TemporaryFolder {
 protected:
  std::string linked_copy() const {
    const fs::path root = path("linked");
    fs::copy(kPhotos, root, fs::copy_options::recursive);
    fs::create_symlink("../Bees/nested", root / "ants/zlink");
    fs::create_symlink("../Bees/9.jpg", root / "ants/zz.jpg");
    fs::create_symlink("Bees", root / "linkclass");
    return root.string();
  }
};

TEST_F(ImageFolders, ListTheFilesThatKerasListsInItsOrderWithItsLabels) {
  const std::string linked = linked_copy();
  int compared = 0;
  const Config expected = golden();
  for (const Config& one : expected.at("settings").as_list()) {
    const std::string folder = one.find("tree") ? linked : kPhotos, shown = one.at("settings").text();
    const std::vector<ImageDataset> parts = open(folder, options_of(one.at("settings")));
    const Config::List& theirs = one.at("parts").as_list();
    ASSERT_EQ(parts.size(), theirs.size()) << shown;
    for (size_t p = 0; p < parts.size(); ++p) {
      EXPECT_EQ(relative_paths(parts[p], folder), strings(theirs[p].at("files"))) << shown;
      EXPECT_EQ(parts[p].class_names, strings(theirs[p].at("class_names"))) << shown;
    }
    if (const Config* labels = one.find("labels_in_order")) {
      const Batch all = parts[0].read(0, parts[0].size());
      const Array mine = all.y.at(0).cast(DType::Float32);
      std::vector<float> flat;
      for (const Config& label : labels->as_list()) {
        if (!label.is_list()) flat.push_back(static_cast<float>(label.as_number()));
        else
          for (const Config& number : label.as_list()) flat.push_back(static_cast<float>(number.as_number()));
      }
      EXPECT_EQ(std::vector<float>(mine.values<float>().begin(), mine.values<float>().end()), flat) << shown;
    }
    ++compared;
  }
  EXPECT_EQ(compared, 28);
}

TEST_F(ImageFolders, RefuseTheArgumentsThatKerasRefuses) {
  int compared = 0;
  const Config expected = golden();
  for (const Config& one : expected.at("errors").as_list()) {
    const Config& settings = one.at("settings");
    // What C++ cannot express: three numbers for two, and the library of the result.
    if (!settings.is_object() || settings.find("format") ||
        (settings.find("image_size") && settings.at("image_size").is_list()))
      continue;
    ++compared;
    // Keras takes two that are wrong: a split without validation files gives all of them, an image without pixels fails
    // later.
    const std::string message = message_of([&] { open(kPhotos, options_of(settings)); });
    EXPECT_NE(message, "") << settings.text();
    EXPECT_NE(message.find(". Got "), std::string::npos) << message;
  }
  EXPECT_EQ(compared, 17);
}

TEST_F(ImageFolders, RefuseFoldersWithoutImagesAndFoldersThatAreNotThere) {
  fs::create_directories(path("none/a"));
  EXPECT_NE(message_of([&] { image_dataset_from_directory(path("none")); }).find("there must be images in"),
            std::string::npos);
  write("flat/1.png", "");
  EXPECT_NE(
      message_of([&] { image_dataset_from_directory(path("flat")); }).find("there must be images in class folders"),
      std::string::npos);
  EXPECT_NE(message_of([&] { image_dataset_from_directory(path("missing")); }).find("missing] the folder must exist"),
            std::string::npos);
}

TEST_F(ImageFolders, TakeLabelsFromAList) {
  write("f/a.png", "");
  write("f/b/c.png", "");
  ImageDatasetOptions o;
  o.labels = {7, 3};
  o.shuffle = false;
  const ImageDataset data = image_dataset_from_directory(path("f"), o);
  EXPECT_EQ(data.class_names, (std::vector<std::string>{"3", "7"}));
  int32_t label = 0;
  const int64_t row = 1;
  data.source().fetch(1, {&row, 1}, &label);
  EXPECT_EQ(label, 3);
  o.label_mode = "categorical";
  EXPECT_NE(message_of([&] { image_dataset_from_directory(path("f"), o); }).find("from 0 to 1"), std::string::npos);
}

TEST_F(ImageFolders, FollowLinksWithoutEndlessCircles) {
  fs::create_directories(path("f/a/b"));
  write("f/a/x.png", "");
  fs::create_symlink("..", path("f/a/b/up"));
  ImageDatasetOptions o;
  EXPECT_EQ(image_dataset_from_directory(path("f"), o).size(), 1);
  o.follow_links = true;
  EXPECT_NE(message_of([&] { image_dataset_from_directory(path("f"), o); }).find("Got a circle"), std::string::npos);
}

TEST_F(ImageFolders, ShuffleAsNumPyDoes) {
  // np.random.RandomState(0).shuffle(list(range(10)))
  EXPECT_EQ(numpy_shuffle(10, 0), (std::vector<int64_t>{2, 8, 4, 9, 1, 6, 7, 3, 0, 5}));
  EXPECT_EQ(numpy_shuffle(1, 5), (std::vector<int64_t>{0}));
}

TEST_F(ImageFolders, GiveFloatPixelsOfTheChosenShape) {
  ImageDatasetOptions o;
  o.image_size = {6, 9};
  o.class_names = {"ants", "Bees"};
  o.label_mode = "binary";
  const ImageDataset data = image_dataset_from_directory(kPhotos, o);
  EXPECT_EQ(data.input(0).shape, (Shape{6, 9, 3}));
  EXPECT_EQ(data.target(0).shape, (Shape{1}));
  EXPECT_EQ(data.target(0).dtype, DType::Float32);
  o.data_format = "channels_first";
  EXPECT_EQ(image_dataset_from_directory(kPhotos, o).input(0).shape, (Shape{3, 6, 9}));
}

// What a resume and a cache compare: a run is started from wherever its user stands.
TEST(ImageFolder, IsTheSameHoweverItsPathIsSpelled) {
  const fs::path here = fs::current_path();
  ImageDatasetOptions options;
  options.image_size = 16;
  const std::string files = image_dataset_from_directory(kPhotos, options).stage()->files();
  fs::current_path(kGolden);
  for (const char* spelled : {"photos", "./photos", "photos/", "../image-folder/photos"})
    EXPECT_EQ(image_dataset_from_directory(spelled, options).stage()->files(), files) << spelled;
  EXPECT_NE(image_dataset_from_directory("photos/ants", ImageDatasetOptions{.labels = std::nullopt, .image_size = 16})
                .stage()
                ->files(),
            files);
  fs::current_path(here);
}

}  // namespace
}  // namespace batchwise
