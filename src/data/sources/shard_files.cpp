// Opening shards when they are needed, and keeping some of them open.
#include "data/sources/shard_files.h"

#include <algorithm>

namespace batchwise {

void ShardFiles::add(const InputFile& file) {
  files_.push_back({file.path(), state_of_open_file(file.path().c_str(), file.descriptor())});
}

ShardFiles::Kept ShardFiles::take(size_t file) const {
  {
    const std::lock_guard lock(mutex_);
    const auto last = std::find_if(kept_.rbegin(), kept_.rend(), [&](const Kept& kept) { return kept.file == file; });
    if (last != kept_.rend()) {
      Kept found = std::move(*last);
      kept_.erase(std::next(last).base());
      return found;
    }
  }
  return {file, UnchangedFile(files_[file].path.c_str(), files_[file].state)};
}

void ShardFiles::keep(Kept file) const {
  const std::lock_guard lock(mutex_);
  if (kept_.size() == kKept) kept_.erase(kept_.begin());
  kept_.push_back(std::move(file));
}

void ShardFiles::read_at(size_t file, int64_t offset, void* data, int64_t bytes) const {
  Kept open = take(file);
  open.open.read_at(offset, data, bytes);
  keep(std::move(open));
}

}  // namespace batchwise
