// Text files in folders as a data set: Keras's text_dataset_from_directory.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <batchwise/dataset.h>
#include <batchwise/image_dataset.h>

namespace batchwise {

// Keras's, by name, default and meaning.
struct TextDatasetOptions {
  ImageLabels labels = "inferred";                // or none, or one whole number per file in the order of the paths
  std::optional<std::string> label_mode = "int";  // "int", "categorical", "binary" or std::nullopt
  std::vector<std::string> class_names;           // empty: all class folders, sorted
  int64_t batch_size = 32;                        // accepted as in Keras; results do not depend on it
  std::optional<int64_t> max_length;              // bytes of a text that count
  bool shuffle = true;
  std::optional<uint32_t> seed;            // of the shuffle and so of the split; without: 0
  std::optional<double> validation_split;  // share of the files, from the end after the shuffle
  std::string subset;                      // "training" or "validation", together with validation_split
  bool follow_links = false;
  std::vector<std::string> numbered_as;  // as ImageDatasetOptions has it
};

// Rows are (text of shape (), label): int32, float32 columns for "categorical", one float32 for "binary". They stand in
// Keras's order for the same seed; fit shuffles them anew for every epoch. The texts are read when the folder is opened
// and stay in memory, which a plan counts as the pipeline's.
class TextDataset : public Dataset {
 public:
  TextDataset() = default;
  TextDataset(Dataset data, std::vector<std::string> classes, std::vector<std::string> paths)
      : Dataset(std::move(data)), class_names(std::move(classes)), file_paths(std::move(paths)) {}

  std::vector<std::string> class_names;  // by label; empty without labels
  std::vector<std::string> file_paths;   // of the rows
};

// Throws Error(Input) for arguments that break Keras's rules, and for a folder without .txt files.
TextDataset text_dataset_from_directory(const std::string& directory, const TextDatasetOptions& options = {});

// Keras's subset="both".
struct TextDatasetSplit {
  TextDataset training, validation;
};
TextDatasetSplit text_datasets_from_directory(const std::string& directory, const TextDatasetOptions& options);

}  // namespace batchwise
