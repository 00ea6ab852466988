// Reads one image file into the pixels of a sample.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "images/image_decoder.h"
#include "images/image_format.h"
#include "images/resizer.h"

namespace batchwise {

// One state of a file.
struct FileState {
  int64_t bytes = 0, changed_seconds = 0;
  int32_t changed_nanoseconds = 0;
  friend bool operator==(const FileState&, const FileState&) = default;
};

// Throws Error(Run) when the file is not there. What is no regular file has no bytes.
FileState state_of_file(const char* path);

// What a whole image file is.
struct ImageFacts {
  ImageFormat format = ImageFormat::Jpeg;
  int64_t height = 0, width = 0;
  std::string warning;  // what is wrong with its data although it decodes; "": nothing
};

// The memory that reading takes, kept from file to file. Used by one thread at a time.
class ImageFile {
 public:
  ImageFile(const ResizeSettings& settings, int channels) : resizer_(settings), channels_(channels) {}

  // Throws Error(Run) naming the path when the file is gone, is not as `expected` any more, or cannot be decoded.
  void read(const char* path, const FileState& expected, float* out);
  // The same checks, without making a sample.
  ImageFacts check(const char* path, const FileState& expected);
  void reserve(int64_t file_bytes) { bytes_.resize(static_cast<size_t>(file_bytes)); }

 private:
  void load(const char* path, const FileState& expected);

  Resizer resizer_;
  int channels_;
  ImageDecoder decoder_;
  std::vector<uint8_t> bytes_;
  size_t used_ = 0;
};

}  // namespace batchwise
