// Reading of image files.
#include "data/image_folder/image_file.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

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

void ImageFile::load(const char* path, const FileState& expected) {
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
  used_ = static_cast<size_t>(facts.st_size);
  if (bytes_.size() < used_) bytes_.resize(used_);
  for (size_t at = 0; at < used_;) {
    const ssize_t got = ::read(file.number, bytes_.data() + at, used_ - at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail_run(path, "the file cannot be read: ", std::strerror(errno), ".");
    if (got == 0) changed();
    at += static_cast<size_t>(got);
  }
}

void ImageFile::read(const char* path, const FileState& expected, float* out) {
  load(path, expected);
  resizer_.set_output(out);
  decoder_.decode({bytes_.data(), used_}, channels_, resizer_, path);
}

ImageFacts ImageFile::check(const char* path, const FileState& expected) {
  load(path, expected);
  const std::span<const uint8_t> file(bytes_.data(), used_);
  NoRows rows;
  decoder_.decode(file, channels_, rows, path);
  rows.facts.format = *image_format(file);
  rows.facts.warning = decoder_.warning();
  return rows.facts;
}

}  // namespace batchwise
