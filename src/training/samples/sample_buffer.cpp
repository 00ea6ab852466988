// Samples copied into rows of arrays.
#include "training/samples/sample_buffer.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <new>

#include <batchwise/byte_size.h>
#include <batchwise/error.h>

namespace batchwise {
namespace {

constexpr int64_t kBeyondAnyMemory = std::numeric_limits<int64_t>::max() >> 16;  // and can still be added up

}  // namespace

SampleBuffer::SampleBuffer(std::vector<Column> columns, int64_t capacity, std::string description)
    : columns_(std::move(columns)), capacity_(capacity), description_(std::move(description)) {
  for (const Column& column : columns_) row_bytes_.push_back(column.shape.count() * size_of(column.dtype));
}

int64_t SampleBuffer::resident_bytes() const {
  int64_t row = 0, all = 0;
  for (size_t c = 0; c < columns_.size(); ++c) {
    row += row_bytes_[c];
    if (columns_[c].dtype == DType::String)
      row += columns_[c].shape.count() * static_cast<int64_t>(sizeof(std::string));
  }
  return __builtin_mul_overflow(row, capacity_, &all) ? kBeyondAnyMemory : std::min(all, kBeyondAnyMemory);
}

void SampleBuffer::open() {
  if (!arrays_.empty()) return;
  std::vector<Array> arrays;
  std::vector<std::vector<std::string>> texts;
  try {
    for (const Column& column : columns_) {
      arrays.emplace_back(column.dtype, column.shape.with_batch(capacity_));
      texts.emplace_back(column.dtype == DType::String ? static_cast<size_t>(arrays.back().count()) : 0);
    }
  } catch (const std::bad_alloc&) {
    throw BudgetError(
        error_detail::sentence(description_, "the system must be able to give ", show_byte_size(resident_bytes()),
                               " for the samples of a batch. Got: no memory. Give a smaller batch size."),
        resident_bytes(), 0);
  }
  arrays_ = std::move(arrays);
  texts_ = std::move(texts);
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
