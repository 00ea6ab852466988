// Files that are read as they were when the data was listed, or not at all.
#pragma once

#include <cstdint>
#include <utility>

namespace batchwise {

// One state of a file.
struct FileState {
  int64_t bytes = 0, changed_seconds = 0;
  int32_t changed_nanoseconds = 0;
  friend bool operator==(const FileState&, const FileState&) = default;
};

// Both throw Error(Run) naming the path when the file is not there. What is no regular file has no bytes.
FileState state_of_file(const char* path);
FileState state_of_open_file(const char* path, int descriptor);

// A file that is open. Reads may run concurrently; nothing is allocated. REQUIRES: `path` outlives it.
class UnchangedFile {
 public:
  // Throws Error(Run) naming the path when the file is gone, is no regular one, or is not as `expected` any more.
  UnchangedFile(const char* path, const FileState& expected);
  ~UnchangedFile();
  UnchangedFile(UnchangedFile&& other) noexcept
      : path_(other.path_), descriptor_(std::exchange(other.descriptor_, -1)) {}
  UnchangedFile& operator=(UnchangedFile&& other) noexcept {
    path_ = other.path_;
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }

  void read_at(int64_t offset, void* data, int64_t bytes) const;  // exactly these; throws Error(Run)

 private:
  const char* path_;
  int descriptor_ = -1;
};

}  // namespace batchwise
