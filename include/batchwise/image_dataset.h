// Images in folders as a data set: Keras's image_dataset_from_directory.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <batchwise/dataset.h>
#include <batchwise/size2d.h>

namespace batchwise {

// Where labels come from: "inferred" (the class folders), none (std::nullopt), or one whole number per file, in the
// order of the sorted paths.
class ImageLabels {
 public:
  ImageLabels(const char* word) : from_(std::string(word)) {}
  ImageLabels(std::nullopt_t) : from_(std::nullopt) {}
  ImageLabels(std::vector<int32_t> labels) : from_(std::move(labels)) {}
  ImageLabels(std::initializer_list<int32_t> labels) : from_(std::vector<int32_t>(labels)) {}

  const std::variant<std::nullopt_t, std::string, std::vector<int32_t>>& from() const { return from_; }

 private:
  std::variant<std::nullopt_t, std::string, std::vector<int32_t>> from_;
};

// A file that is left out because it cannot be read or decoded.
struct SkippedFile {
  std::string path, reason;
};

// The first fourteen are Keras's, by name, default and meaning.
struct ImageDatasetOptions {
  ImageLabels labels = "inferred";
  std::optional<std::string> label_mode = "int";  // "int", "categorical", "binary" or std::nullopt
  std::vector<std::string> class_names;           // empty: all class folders, sorted
  std::string color_mode = "rgb";                 // "grayscale", "rgb" or "rgba"
  int64_t batch_size = 32;                        // accepted as in Keras; results do not depend on it
  Size2D image_size = 256;                        // height, width
  bool shuffle = true;
  std::optional<uint32_t> seed;            // of the shuffle and so of the split; without: 0
  std::optional<double> validation_split;  // share of the files, from the end after the shuffle
  std::string subset;                      // "training" or "validation", together with validation_split
  std::string interpolation = "bilinear";
  bool follow_links = false;
  bool crop_to_aspect_ratio = false, pad_to_aspect_ratio = false;
  std::string data_format = "channels_last";  // or "channels_first"

  // Endings of the files that are images: Keras's, and ".webp". What a file holds is told by its first bytes.
  std::vector<std::string> endings = {".bmp", ".gif", ".jpeg", ".jpg", ".png", ".webp"};
  // Names by label, as other data has them (its class_names), which number the classes here too: a folder that is
  // called otherwise is refused, a class may have none. Empty: this folder's own.
  std::vector<std::string> numbered_as;
  // "error", or "skip": every file is decoded once before the first step, the damaged ones are left out.
  std::string on_bad_file = "error";
  // Called for every file that is left out, also for those that go bad later, when another file of the same label takes
  // their place; then from any thread, several at once perhaps. It may read the data.
  std::function<void(const SkippedFile&)> on_skipped;
  // A folder in which decoded samples are kept, in a file named by the images' paths, sizes, times of change and these
  // options: later epochs and runs read them from there. Empty: none.
  std::string cache;
};

// Rows are (float32 pixels from 0 to 255, label): int32, float32 columns for "categorical", one float32 for "binary".
// They stand in Keras's order for the same seed; fit shuffles them anew for every epoch.
class ImageDataset : public Dataset {
 public:
  ImageDataset() = default;
  ImageDataset(Dataset data, std::vector<std::string> classes, std::vector<SkippedFile> left_out)
      : Dataset(std::move(data)), class_names(std::move(classes)), skipped(std::move(left_out)) {}
  std::vector<std::string> file_paths() const;  // of the rows

  std::vector<std::string> class_names;  // by label; empty without labels
  std::vector<SkippedFile> skipped;      // before the first step
};

// Throws Error(Input) for arguments that break Keras's rules, and for a folder without images.
ImageDataset image_dataset_from_directory(const std::string& directory, const ImageDatasetOptions& options = {});

// Keras's subset="both".
struct ImageDatasetSplit {
  ImageDataset training, validation;
};
ImageDatasetSplit image_datasets_from_directory(const std::string& directory, const ImageDatasetOptions& options);

}  // namespace batchwise
