// Joining of columns.
#include "data/sources/joined_columns.h"

#include <set>

#include <batchwise/error.h>

namespace batchwise {

JoinedColumns::JoinedColumns(std::vector<Part> parts, std::vector<std::string> names, std::string description)
    : parts_(std::move(parts)), description_(std::move(description)) {
  for (size_t p = 0; p < parts_.size(); ++p) {
    const Source& source = *parts_[p].source;
    require(source.size() == size(), description_, "all columns must have as many rows, ", size(), ". Got ",
            source.size(), " in ", source.describe(), ".");
    columns_.push_back(source.columns()[static_cast<size_t>(parts_[p].column)]);
    columns_.back().name = names[p];
  }
}

int64_t JoinedColumns::resident_bytes() const {
  int64_t bytes = 0;
  std::set<const Source*> seen;
  for (const Part& part : parts_)
    if (seen.insert(part.source.get()).second) bytes += part.source->resident_bytes();
  return bytes;
}

}  // namespace batchwise
