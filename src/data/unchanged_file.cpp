// States of files, and reading while they last.
#include "data/unchanged_file.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <batchwise/error.h>

namespace batchwise {
namespace {

FileState state_of(const struct stat& facts) {
  return {S_ISREG(facts.st_mode) ? facts.st_size : 0, facts.st_mtim.tv_sec,
          static_cast<int32_t>(facts.st_mtim.tv_nsec)};
}

[[noreturn]] void changed(const char* path) {
  fail_run(path, "the file changed while the data was in use. Start again when it is complete.");
}

}  // namespace

FileState state_of_file(const char* path) {
  struct stat facts;
  if (::stat(path, &facts) != 0) fail_run(path, "the file must be there. Got: ", std::strerror(errno), ".");
  return state_of(facts);
}

FileState state_of_open_file(const char* path, int descriptor) {
  struct stat facts;
  if (::fstat(descriptor, &facts) != 0) fail_run(path, "the file cannot be read: ", std::strerror(errno), ".");
  return state_of(facts);
}

UnchangedFile::UnchangedFile(const char* path, const FileState& expected) : path_(path) {
  // Not blocking: opening a pipe that nobody writes to would wait for ever.
  descriptor_ = ::open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor_ < 0) fail_run(path, "the file must be there and readable. Got: ", std::strerror(errno), ".");
  struct stat facts;
  const bool known = ::fstat(descriptor_, &facts) == 0;
  if (known && S_ISREG(facts.st_mode) && state_of(facts) == expected) return;
  const int reason = errno;
  ::close(descriptor_);  // no destructor runs for what a constructor throws
  if (!known) fail_run(path, "the file cannot be read: ", std::strerror(reason), ".");
  if (!S_ISREG(facts.st_mode)) fail_run(path, "the path must name a regular file. Got something else.");
  changed(path);
}

UnchangedFile::~UnchangedFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void UnchangedFile::read_at(int64_t offset, void* data, int64_t bytes) const {
  char* at = static_cast<char*>(data);
  while (bytes > 0) {
    const ssize_t got = ::pread(descriptor_, at, static_cast<size_t>(bytes), offset);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail_run(path_, "the file cannot be read: ", std::strerror(errno), ".");
    if (got == 0) changed(path_);
    at += got;
    offset += got;
    bytes -= got;
  }
}

}  // namespace batchwise
