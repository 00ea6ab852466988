// Image files as samples: decoded and resized by whoever fetches them.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <batchwise/image_dataset.h>

#include "data/decoded_room.h"
#include "data/image_folder/image_file.h"
#include "data/path_list.h"

namespace batchwise {

enum class LabelForm { None, Int, Categorical, Binary };
enum class BadFile { Error, Skip };

struct ImageFolderRows {
  std::string directory;  // for messages
  PathList paths;
  std::vector<FileState> states;
  std::vector<int32_t> labels;  // empty without labels
  int64_t classes = 0;
};

struct ImageFolderSettings {
  ResizeSettings resize;
  int channels = 3;
  LabelForm label_form = LabelForm::Int;
  BadFile on_bad_file = BadFile::Error;
  std::function<void(const SkippedFile&)> on_skipped;
};

// Samples in the order of the paths. With BadFile::Skip a file that cannot be read gives its place to the next one of
// the same label, so that no label is ever wrong.
class ImageFolder : public Source {
 public:
  ImageFolder(ImageFolderRows rows, const ImageFolderSettings& settings);

  int64_t size() const override { return rows_.paths.size(); }
  const std::vector<Column>& columns() const override { return columns_; }
  void fetch(int column, std::span<const int64_t> rows, void* out) const override;
  std::string describe() const override { return rows_.directory; }
  std::string describe_row(int64_t row, uint64_t) const override {
    return "sample " + std::to_string(row) + ", " + std::string(rows_.paths[row]);
  }
  int64_t resident_bytes() const override;
  std::string identity() const override;
  void list_files(const FileSink& sink) const override;
  void hold_decoded(DecodedRoom& room) const override;
  bool decodes() const override { return true; }
  const PathList& paths() const { return rows_.paths; }

 private:
  class Lease;
  void read(ImageFile& file, int64_t row, float* out) const;
  void read_substitute(ImageFile& file, int64_t row, float* out) const;
  void note_bad(int64_t row, const std::string& reason) const;
  int64_t usual_image_bytes() const;
  std::string root() const;
  std::string_view below_root(int64_t row) const;
  std::unique_ptr<ImageFile> new_reader() const;
  void label(int64_t row, std::byte* out) const;
  bool same_label(int64_t a, int64_t b) const;

  ImageFolderRows rows_;
  ImageFolderSettings settings_;
  std::vector<Column> columns_;
  // Of the largest file, and of the largest image of those looked at, that are not unusually large: each reader has so
  // much.
  int64_t usual_file_bytes_ = 0, usual_image_bytes_ = 0;
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<ImageFile>> idle_;
  mutable std::weak_ptr<DecodedRows> decoded_;
  mutable std::vector<std::atomic<bool>> bad_;  // found while reading
};

// The settings that decide what a sample is, as text.
std::string settings_text(const ImageFolderSettings& settings);

}  // namespace batchwise
