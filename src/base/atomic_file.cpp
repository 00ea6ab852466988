// Files that appear whole or not at all: a temporary file in the target's folder, fsync, rename, fsync of the folder.
#include "base/atomic_file.h"

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>

#include <algorithm>
#include <atomic>
#include <memory>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <batchwise/error.h>

namespace batchwise {
namespace {

std::string reason() { return std::strerror(errno); }

// Refuses a path, or fails the run where no other path would have done: `errno` tells.
[[noreturn]] void cannot_be_written(const std::string& path) {
  const int error = errno;
  for (int of_the_system : {ENOSPC, EDQUOT, EIO, EMFILE, ENFILE, ENOMEM})
    if (error == of_the_system) fail_run(path, "the file cannot be written: ", std::strerror(error), ".");
  fail(path, "the file cannot be written: ", std::strerror(error), ".");
}

std::string folder_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// The path that rename may replace: links resolved, so that a link stays a link.
std::string real_target(const std::string& path, struct stat* old, bool* exists) {
  require(!path.empty() && path.back() != '/', "file", "the path of a file must not be empty or end in '/'. Got \"",
          path, "\".");
  struct stat link;
  *exists = false;
  if (::lstat(path.c_str(), &link) != 0) {
    if (errno != ENOENT) cannot_be_written(path);
    return path;
  }
  std::string target = path;
  if (S_ISLNK(link.st_mode)) {
    std::unique_ptr<char, decltype(&std::free)> resolved(::realpath(path.c_str(), nullptr), &std::free);
    require(resolved != nullptr, path, "a symbolic link must lead to a file. Got one that leads nowhere: ", reason(),
            ".");
    target = resolved.get();
  }
  if (::stat(target.c_str(), old) != 0) cannot_be_written(path);
  require(S_ISREG(old->st_mode), path, "the target must be a regular file or not exist yet. Got a ",
          S_ISDIR(old->st_mode) ? "folder" : "device, socket or pipe", ".");
  *exists = true;
  return target;
}

}  // namespace

AtomicFile::AtomicFile(const std::string& path) {
  struct stat old;
  bool exists = false;
  path_ = real_target(path, &old, &exists);
  static std::atomic<unsigned> serial{0};
  for (int attempt = 0; descriptor_ < 0; ++attempt) {
    temporary_ = path_ + ".tmp-" + std::to_string(::getpid()) + "-" + std::to_string(serial++);
    descriptor_ = ::open(temporary_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor_ < 0 && (errno != EEXIST || attempt >= 100)) cannot_be_written(path);
  }
  // A file system without modes is no reason to refuse.
  if (exists && ::fchmod(descriptor_, old.st_mode & 07777) != 0) errno = 0;
}

AtomicFile::~AtomicFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void AtomicFile::write(const void* data, int64_t bytes) { write_at(size_, data, bytes); }

void AtomicFile::write_at(int64_t offset, const void* data, int64_t bytes) {
  const char* at = static_cast<const char*>(data);
  while (bytes > 0) {
    const ssize_t written = ::pwrite(descriptor_, at, static_cast<size_t>(bytes), offset);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0)
      fail_run(path_, "the file cannot be written: ", written < 0 ? reason() : "nothing was accepted", ".");
    at += written;
    offset += written;
    bytes -= written;
    if (offset > size_) size_ = offset;
  }
}

void AtomicFile::read_at(int64_t offset, void* data, int64_t bytes) const {
  char* at = static_cast<char*>(data);
  while (bytes > 0) {
    const ssize_t got = ::pread(descriptor_, at, static_cast<size_t>(bytes), offset);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0)
      fail_run(path_, "what was written cannot be read back: ", got < 0 ? reason() : "the file is shorter", ".");
    at += got;
    offset += got;
    bytes -= got;
  }
}

void AtomicFile::truncate(int64_t bytes) {
  if (::ftruncate(descriptor_, bytes) != 0) fail_run(path_, "the file cannot be written: ", reason(), ".");
  size_ = bytes;
}

void AtomicFile::reserve(int64_t bytes) {
  const int64_t missing = bytes - size_;
  if (missing > 0 && ::fallocate(descriptor_, 0, size_, missing) != 0) {
    // Some file systems cannot promise room; writing will tell.
    const bool no_promise = errno == EOPNOTSUPP || errno == ENOSYS || errno == EINVAL;
    if (!no_promise) fail_run(path_, "the file needs ", bytes, " bytes of disk. Got: ", reason(), ".");
  }
  truncate(bytes);
}

void AtomicFile::commit() {
  require(descriptor_ >= 0, path_, "a file is committed once.");
  // After a failed fsync the pages may be gone: never tried twice on one descriptor.
  if (::fsync(descriptor_) != 0) fail_run(path_, "the file cannot be made durable: ", reason(), ".");
  const int descriptor = descriptor_;
  descriptor_ = -1;
  if (::close(descriptor) != 0) fail_run(path_, "the file cannot be written: ", reason(), ".");
  if (::rename(temporary_.c_str(), path_.c_str()) != 0)
    fail_run(path_, "the finished file cannot take its name: ", reason(), ".");
  temporary_.clear();
  const int folder = ::open(folder_of(path_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return;  // a folder that may be written but not read: its name is durable when the system says so
  const int result = ::fsync(folder);
  const int error = errno;
  ::close(folder);
  // Some file systems have nothing to sync in a folder.
  if (result != 0 && error != EINVAL && error != ENOTSUP)
    fail_run(path_, "the folder cannot be made durable: ", std::strerror(error), ".");
}

void write_file_atomically(const std::string& path, std::string_view bytes) {
  AtomicFile file(path);
  file.write(bytes);
  file.commit();
}

}  // namespace batchwise
