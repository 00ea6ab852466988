// The files of data that lie in any number of files: few of them are open at a time.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "base/input_file.h"
#include "data/unchanged_file.h"

namespace batchwise {

// Each file is read as it was when it was added. Thread-safe, but for add().
class ShardFiles {
 public:
  static constexpr size_t kKept = 32;  // open files beside those that are being read

  ShardFiles() { kept_.reserve(kKept); }
  void add(const InputFile& file);  // as the next one; it may be closed afterwards
  size_t count() const { return files_.size(); }
  const std::string& path(size_t file) const { return files_[file].path; }
  // Exactly `bytes` bytes. Throws Error(Run) naming the path when the file changed, when that is seen, or ends too
  // early. Does not allocate.
  void read_at(size_t file, int64_t offset, void* data, int64_t bytes) const;

 private:
  struct File {
    std::string path;
    FileState state;
  };
  struct Kept {
    size_t file;
    UnchangedFile open;
  };
  Kept take(size_t file) const;  // nobody else has it until it is kept again
  void keep(Kept file) const;

  std::deque<File> files_;  // which stay where they are: open files point to their paths
  mutable std::mutex mutex_;
  mutable std::vector<Kept> kept_;  // the last one read last
};

}  // namespace batchwise
