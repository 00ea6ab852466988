// Reads one image file into the pixels of a sample.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "data/unchanged_file.h"
#include "images/image_decoder.h"
#include "images/image_format.h"
#include "images/resizer.h"

namespace batchwise {

constexpr int64_t kUsualFile = int64_t{4} << 20;  // larger files get their memory when they are met

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

  // Throws Error(Run) naming the path when the file is gone, is not as `expected` any more, or cannot be decoded;
  // BudgetError when a DecodingLimit has no memory for it.
  void read(const char* path, const FileState& expected, float* out);
  // The same checks, without making a sample.
  ImageFacts check(const char* path, const FileState& expected);
  // What the header says the image needs.
  ImageNeeds needs(const char* path, const FileState& expected);
  // Memory of its own, whatever the images are: of their files, and for decoding them.
  void reserve(int64_t file_bytes, int64_t decoding_bytes);

 private:
  std::span<const uint8_t> load(const char* path, const FileState& expected);

  Resizer resizer_;
  int channels_;
  ImageDecoder decoder_;
  std::vector<uint8_t> bytes_;
  int64_t own_file_bytes_ = kUsualFile;
};

}  // namespace batchwise
