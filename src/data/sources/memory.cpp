// Samples in memory, copied out row by row.
#include "data/sources/memory.h"

#include <algorithm>
#include <cstring>

namespace batchwise {
namespace {

// Asks for the memory of a row; of a long one, for as much as the processor does not find by itself.
void announce(const std::byte* row, size_t bytes) {
  constexpr size_t kLine = 64, kMost = 4096;
  for (size_t at = 0; at < std::min(bytes, kMost); at += kLine) __builtin_prefetch(row + at, 0, 2);
}

}  // namespace

MemorySource::MemorySource(std::vector<Array> arrays, std::vector<std::string> names, std::string description)
    : arrays_(std::move(arrays)), description_(std::move(description)) {
  require(!arrays_.empty(), description_, "the data must have at least one array. Got none.");
  for (size_t i = 0; i < arrays_.size(); ++i) {
    const Array& array = arrays_[i];
    require(!array.empty() && array.shape().rank() >= 1, description_,
            "an array's first dimension must be the samples. Got the shape ", array.shape(), ".");
    if (i == 0) size_ = array.rows();
    require(array.rows() == size_, description_, "all arrays must have the same number of samples. Got ", size_,
            " and ", array.rows(), ".");
    columns_.push_back({names.empty() ? "" : names[i], array.shape().without_batch(), array.dtype()});
  }
}

void MemorySource::fetch(int column, std::span<const int64_t> rows, void* out) const {
  const Column& about = columns_[static_cast<size_t>(column)];
  const size_t bytes = static_cast<size_t>(about.shape.count() * size_of(about.dtype));
  const std::byte* from = arrays_[static_cast<size_t>(column)].raw();
  std::byte* to = static_cast<std::byte*>(out);
  for (size_t r = 0; r < rows.size(); ++r) {
    const int64_t row = rows[r];
    require(row >= 0 && row < size_, description_, "rows must be in [0, ", size_, "). Got ", row, ".");
    // Shuffled rows lie far apart: the next one is on its way while this one is copied.
    if (const int64_t next = r + 1 < rows.size() ? rows[r + 1] : -1; next >= 0 && next < size_)
      announce(from + static_cast<size_t>(next) * bytes, bytes);
    std::memcpy(to, from + static_cast<size_t>(row) * bytes, bytes);
    to += bytes;
  }
}

const void* MemorySource::rows_at(int column, int64_t first, int64_t count) const {
  const Array& array = arrays_[static_cast<size_t>(column)];
  if (first < 0 || count < 1 || first > size_ - count) return nullptr;
  return array.raw() + first * (array.bytes() / size_);
}

int64_t MemorySource::resident_bytes() const {
  int64_t bytes = 0;
  for (const Array& array : arrays_) {
    bytes += array.bytes();
    if (array.dtype() == DType::String)
      for (const std::string_view text : array.values<std::string_view>()) bytes += static_cast<int64_t>(text.size());
  }
  return bytes;
}

}  // namespace batchwise
