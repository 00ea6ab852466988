// Reading of image files.
#include "data/image_folder/image_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <batchwise/byte_size.h>
#include <batchwise/error.h>

namespace batchwise {
namespace {

struct Descriptor {
  int number;
  ~Descriptor() {
    if (number >= 0) ::close(number);
  }
};

FileState state_of(const struct stat& facts) {
  return {S_ISREG(facts.st_mode) ? facts.st_size : 0, facts.st_mtim.tv_sec,
          static_cast<int32_t>(facts.st_mtim.tv_nsec)};
}

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

FileState state_of_file(const char* path) {
  struct stat facts;
  if (::stat(path, &facts) != 0) fail_run(path, "the file must be there. Got: ", std::strerror(errno), ".");
  return state_of(facts);
}

void ImageFile::reserve(int64_t file_bytes, int64_t decoding_bytes) {
  own_file_bytes_ = file_bytes;
  bytes_.resize(static_cast<size_t>(file_bytes));
  decoder_.memory().set_own(decoding_bytes);
}

std::span<const uint8_t> ImageFile::load(const char* path, const FileState& expected) {
  // Not blocking: opening a pipe that nobody writes to would wait for ever.
  const Descriptor file{::open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.number < 0) fail_run(path, "the file must be there and readable. Got: ", std::strerror(errno), ".");
  struct stat facts;
  if (::fstat(file.number, &facts) != 0) fail_run(path, "the file cannot be read: ", std::strerror(errno), ".");
  if (!S_ISREG(facts.st_mode)) fail_run(path, "an image must be a regular file. Got something else.");
  const auto changed = [&] {
    fail_run(path, "the file changed while the data was in use. Start again when it is complete.");
  };
  if (state_of(facts) != expected) changed();
  const auto size = static_cast<size_t>(facts.st_size), own = static_cast<size_t>(own_file_bytes_);
  if (bytes_.size() > own) std::vector<uint8_t>().swap(bytes_);  // the last file was unusually large
  const auto beside = static_cast<int64_t>(size > own ? size - own : 0);
  DecodingMemory& memory = decoder_.memory();
  check_decoding_bytes(memory.own() + beside, memory.own(), "a file of " + show_byte_size(facts.st_size), path);
  memory.set_beside(beside);
  if (bytes_.size() < size) bytes_.resize(std::max(own, size));
  for (size_t at = 0; at < size;) {
    const ssize_t got = ::read(file.number, bytes_.data() + at, size - at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail_run(path, "the file cannot be read: ", std::strerror(errno), ".");
    if (got == 0) changed();
    at += static_cast<size_t>(got);
  }
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
