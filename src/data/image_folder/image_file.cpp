// Reading of image files.
#include "data/image_folder/image_file.h"

#include <algorithm>

#include <batchwise/byte_size.h>
#include <batchwise/error.h>

namespace batchwise {
namespace {

// Takes rows without keeping them.
class NoRows : public PixelRows {
 public:
  void begin(int64_t height, int64_t width, int channels) override {
    facts.height = height;
    facts.width = width;
    memory_.resize(static_cast<size_t>(width * channels));
  }
  uint8_t* row() override { return memory_.data(); }
  void row_done() override {}

  ImageFacts facts;

 private:
  std::vector<uint8_t> memory_;
};

}  // namespace

void ImageFile::reserve(int64_t file_bytes, int64_t decoding_bytes) {
  own_file_bytes_ = file_bytes;
  bytes_.resize(static_cast<size_t>(file_bytes));
  decoder_.memory().set_own(decoding_bytes);
}

std::span<const uint8_t> ImageFile::load(const char* path, const FileState& expected) {
  const UnchangedFile file(path, expected);
  const auto size = static_cast<size_t>(expected.bytes), own = static_cast<size_t>(own_file_bytes_);
  if (bytes_.size() > own) std::vector<uint8_t>().swap(bytes_);  // the last file was unusually large
  const auto beside = static_cast<int64_t>(size > own ? size - own : 0);
  DecodingMemory& memory = decoder_.memory();
  check_decoding_bytes(memory.own() + beside, memory.own(), "a file of " + show_byte_size(expected.bytes), path);
  memory.set_beside(beside);
  if (bytes_.size() < size) bytes_.resize(std::max(own, size));
  file.read_at(0, bytes_.data(), expected.bytes);
  return {bytes_.data(), size};
}

void ImageFile::read(const char* path, const FileState& expected, float* out) {
  const std::span<const uint8_t> file = load(path, expected);
  resizer_.set_output(out);
  decoder_.decode(file, channels_, resizer_, path);
}

ImageNeeds ImageFile::needs(const char* path, const FileState& expected) {
  return decoder_.needs(load(path, expected), channels_, path);
}

ImageFacts ImageFile::check(const char* path, const FileState& expected) {
  const std::span<const uint8_t> file = load(path, expected);
  NoRows rows;
  decoder_.decode(file, channels_, rows, path);
  rows.facts.format = *image_format(file);
  rows.facts.warning = decoder_.warning();
  return rows.facts;
}

}  // namespace batchwise
