// A regular file opened for reading at any offset.
#pragma once

#include <cstdint>
#include <string>

namespace batchwise {

// Thread-safe: reads may run concurrently. Not copied: share it through a pointer.
class InputFile {
 public:
  explicit InputFile(const std::string& path);  // throws Error(Input) unless it is a readable regular file
  ~InputFile();
  InputFile(InputFile&& other) noexcept;
  InputFile& operator=(InputFile&&) = delete;

  // Exactly `bytes` bytes; throws Error(Run) naming the path when the file ends before them or cannot be read. Does not
  // allocate.
  void read_at(int64_t offset, void* data, int64_t bytes) const;
  std::string read_all(int64_t limit) const;  // throws when the file is longer than `limit` bytes
  int64_t size() const { return size_; }      // when it was opened
  const std::string& path() const { return path_; }
  int descriptor() const { return descriptor_; }

 private:
  std::string path_;
  int descriptor_ = -1;
  int64_t size_ = 0;
};

}  // namespace batchwise
