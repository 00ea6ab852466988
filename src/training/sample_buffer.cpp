// Samples copied into rows of arrays.
#include "training/sample_buffer.h"

#include <algorithm>
#include <cstring>

namespace batchwise {

SampleBuffer::SampleBuffer(std::vector<Column> columns, int64_t capacity, std::string description)
    : columns_(std::move(columns)), capacity_(capacity), description_(std::move(description)) {
  for (const Column& column : columns_) {
    row_bytes_.push_back(column.shape.count() * size_of(column.dtype));
    arrays_.emplace_back(column.dtype, column.shape.with_batch(capacity));
    texts_.emplace_back(column.dtype == DType::String ? static_cast<size_t>(arrays_.back().count()) : 0);
  }
}

int64_t SampleBuffer::resident_bytes() const {
  int64_t bytes = 0;
  for (const Array& array : arrays_) bytes += array.bytes();
  for (const auto& texts : texts_) bytes += static_cast<int64_t>(texts.size() * sizeof(std::string));
  return bytes;
}

void SampleBuffer::fetch(int column, std::span<const int64_t> rows, void* out) const {
  const size_t c = static_cast<size_t>(column), bytes = static_cast<size_t>(row_bytes_[c]);
  for (size_t r = 0; r < rows.size(); ++r)
    std::memcpy(static_cast<std::byte*>(out) + r * bytes, arrays_[c].raw() + rows[r] * row_bytes_[c], bytes);
}

void SampleBuffer::put(int64_t row, std::span<const Array> from, int64_t first, int64_t rows) {
  require(from.size() == columns_.size(), description_, "all samples must have ", columns_.size(),
          " components, as the first has. Got ", from.size(), ".");
  for (size_t c = 0; c < from.size(); ++c) {
    const Shape shape = first < 0 ? from[c].shape() : from[c].shape().without_batch();
    require(from[c].dtype() == columns_[c].dtype && shape == columns_[c].shape, description_,
            "all samples must be as the first, ", columns_[c].shape, " of ", columns_[c].dtype, " in component ", c,
            ". Got ", shape, " of ", from[c].dtype(), ".");
    const std::byte* values = from[c].raw() + std::max<int64_t>(first, 0) * row_bytes_[c];
    if (texts_[c].empty()) {
      std::memcpy(arrays_[c].raw() + row * row_bytes_[c], values, static_cast<size_t>(rows * row_bytes_[c]));
      continue;
    }
    const int64_t each = columns_[c].shape.count();
    const auto* text = reinterpret_cast<const std::string_view*>(values);
    for (int64_t i = row * each; i < (row + rows) * each; ++i) {
      std::string& kept = texts_[c][static_cast<size_t>(i)];
      kept.assign(*text++);
      arrays_[c].data<std::string_view>()[i] = kept;
    }
  }
}

}  // namespace batchwise
