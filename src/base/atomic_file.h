// Files that appear whole or not at all: written beside the target, made durable, then renamed over it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace batchwise {

// A file being written. Until commit() the target is as it was. A target that is a symbolic link is followed; one that
// exists and is not a regular file is refused. The mode of a file that is replaced is kept.
// A path that cannot be written throws an Error of kind Input; what fails later, and a system that is out of disk or
// descriptors, one of kind Run. Both name the path.
class AtomicFile {
 public:
  explicit AtomicFile(const std::string& path);
  ~AtomicFile();  // without commit: removes the temporary file
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(const void* data, int64_t bytes);  // at the end
  void write(std::string_view bytes) { write(bytes.data(), static_cast<int64_t>(bytes.size())); }
  void write_at(int64_t offset, const void* data, int64_t bytes);  // anywhere; a gap reads as zeros
  void read_at(int64_t offset, void* data, int64_t bytes) const;   // REQUIRES: the bytes were written
  void truncate(int64_t bytes);
  // Makes the file `bytes` long and claims the disk for it: throws Error(Input) when there is no room. Within these
  // bytes write_at and read_at may be called from several threads.
  void reserve(int64_t bytes);
  int64_t size() const { return size_; }             // bytes so far: where write() goes on
  const std::string& path() const { return path_; }  // of the target

  void commit();  // fsync, rename, fsync of the folder. At most once; nothing may be written after it

 private:
  std::string path_;
  std::string temporary_;
  int descriptor_ = -1;
  int64_t size_ = 0;
};

void write_file_atomically(const std::string& path, std::string_view bytes);

}  // namespace batchwise
