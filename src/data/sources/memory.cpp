// Samples in memory, copied out row by row.
#include "data/sources/memory.h"

#include <cstring>

namespace batchwise {

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
  for (const int64_t row : rows) {
    require(row >= 0 && row < size_, description_, "rows must be in [0, ", size_, "). Got ", row, ".");
    std::memcpy(to, from + static_cast<size_t>(row) * bytes, bytes);
    to += bytes;
  }
}

int64_t MemorySource::resident_bytes() const {
  int64_t bytes = 0;
  for (const Array& array : arrays_) bytes += array.bytes();
  return bytes;
}

}  // namespace batchwise
