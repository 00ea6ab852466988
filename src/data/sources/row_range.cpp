// Consecutive rows of another source, by shifting row numbers.
#include "data/sources/row_range.h"

namespace batchwise {

RowRange::RowRange(std::shared_ptr<const Source> source, int64_t first, int64_t count)
    : PickedRows(std::move(source), count), first_(first) {
  require(first >= 0 && count >= 0 && first <= whole()->size() - count, whole()->describe(), "a slice must lie in the ",
          whole()->size(), " samples. Got ", count, " samples from ", first, " on.");
}

std::string RowRange::identity() const {
  const std::string all = whole()->identity();
  return all.empty() ? "" : all + " from " + std::to_string(first_) + " on, " + std::to_string(size());
}

}  // namespace batchwise
