// A regular file opened for reading at any offset.
#include "base/input_file.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <batchwise/error.h>

namespace batchwise {

InputFile::InputFile(const std::string& path) : path_(path) {
  // Not blocking: opening a pipe that nobody writes to would wait for ever.
  descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  require(descriptor_ >= 0, path, "the file must exist and be readable. Got: ", std::strerror(errno), ".");
  struct stat facts;
  const bool ok = ::fstat(descriptor_, &facts) == 0;
  if (!ok || !S_ISREG(facts.st_mode)) {
    ::close(descriptor_);
    descriptor_ = -1;
    fail(path, "the path must name a regular file. Got a ",
         ok && S_ISDIR(facts.st_mode) ? "folder" : "device, socket or pipe", ".");
  }
  size_ = facts.st_size;
}

InputFile::~InputFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

InputFile::InputFile(InputFile&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)), size_(other.size_) {}

void InputFile::read_at(int64_t offset, void* data, int64_t bytes) const {
  char* at = static_cast<char*>(data);
  while (bytes > 0) {
    const ssize_t got = ::pread(descriptor_, at, static_cast<size_t>(bytes), offset);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail_run(path_, "the file cannot be read: ", std::strerror(errno), ".");
    if (got == 0) fail_run(path_, "the file ends too early: ", bytes, " more bytes are needed at offset ", offset, ".");
    at += got;
    offset += got;
    bytes -= got;
  }
}

std::string InputFile::read_all(int64_t limit) const {
  require(size_ <= limit, path_, "the file may have at most ", limit, " bytes. Got ", size_, ".");
  std::string bytes(static_cast<size_t>(size_), '\0');
  read_at(0, bytes.data(), size_);
  return bytes;
}

}  // namespace batchwise
