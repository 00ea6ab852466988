// Locks a run folder with flock.
#include "training/checkpoint/run_lock.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <batchwise/error.h>

namespace batchwise {

RunLock::RunLock(const std::string& directory) {
  // The folder itself: nothing is written into it and nothing is left behind.
  descriptor_ = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  require(descriptor_ >= 0, directory, "a run needs a folder. Got: ", std::strerror(errno), ".");
  int result = ::flock(descriptor_, LOCK_EX | LOCK_NB);
  if (result != 0 && errno != EWOULDBLOCK) {
    // File systems over a network that lock files only.
    ::close(descriptor_);
    descriptor_ = ::open((directory + "/.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    require(descriptor_ >= 0, directory,
            "the folder of a run must be one that can be locked. Got: ", std::strerror(errno), ".");
    result = ::flock(descriptor_, LOCK_EX | LOCK_NB);
  }
  if (result == 0) return;
  const int error = errno;
  ::close(descriptor_);
  descriptor_ = -1;
  if (error == EWOULDBLOCK)
    fail(directory, "a run's folder has one writer at a time. Got one that another process is writing.");
  fail(directory, "the folder of a run must be one that can be locked. Got: ", std::strerror(error), ".");
}

RunLock::~RunLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

RunLock::RunLock(RunLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

}  // namespace batchwise
