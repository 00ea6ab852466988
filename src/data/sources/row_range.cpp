// Consecutive rows of another source, by shifting row numbers.
#include "data/sources/row_range.h"

#include <algorithm>
#include <array>

namespace batchwise {

RowRange::RowRange(std::shared_ptr<const Source> source, int64_t first, int64_t count)
    : source_(std::move(source)), first_(first), count_(count) {
  require(first >= 0 && count >= 0 && first <= source_->size() - count, source_->describe(), "a slice must lie in the ",
          source_->size(), " samples. Got ", count, " samples from ", first, " on.");
}

void RowRange::fetch(int column, std::span<const int64_t> rows, void* out) const {
  const Column& about = columns()[static_cast<size_t>(column)];
  const int64_t row_bytes = about.shape.count() * size_of(about.dtype);
  std::byte* to = static_cast<std::byte*>(out);
  std::array<int64_t, 512> shifted;  // on the stack: fetching must not allocate
  for (size_t i = 0; i < rows.size(); i += shifted.size()) {
    const size_t n = std::min(shifted.size(), rows.size() - i);
    for (size_t k = 0; k < n; ++k) {
      require(rows[i + k] >= 0 && rows[i + k] < count_, describe(), "rows must be in [0, ", count_, "). Got ",
              rows[i + k], ".");
      shifted[k] = rows[i + k] + first_;
    }
    source_->fetch(column, {shifted.data(), n}, to);
    to += static_cast<int64_t>(n) * row_bytes;
  }
}

}  // namespace batchwise
