// Looking at samples, to know data again.
#include "training/resume/data_mark.h"

#include <algorithm>

#include <batchwise/byte_size.h>

#include "data/stages/following_stage.h"
#include "data/stages/rows.h"
#include "training/samples/element_hash.h"

namespace batchwise {

std::string files_of(const Dataset& part, const Dataset& whole) {
  const std::string files = part.stage()->files();
  return files.empty() ? whole.stage()->files() : files;
}

int64_t looks_at(const Source& source) {
  constexpr int64_t kFew = 16, kMost = 1024, kMostBytes = MiB(4);
  if (source.costly() || !source.identity().empty()) return kFew;
  return std::clamp(kMostBytes / std::max<int64_t>(1, element_bytes(source.columns())), kFew, kMost);
}

std::string fingerprint_of(const Source& source, int64_t looks) {
  const int64_t size = source.size();
  uint64_t hash = static_cast<uint64_t>(size);
  for (int64_t look = 0; look < std::min(looks, size); ++look) {
    const int64_t row = size <= looks ? look : look * (size - 1) / (looks - 1);
    hash = element_hash(read_row(source, row, 0), hash);
  }
  return std::to_string(hash);
}

}  // namespace batchwise
