// Rows read from files at their offsets.
#include "data/sources/file_rows.h"

namespace batchwise {

FileRows::FileRows(std::vector<FileColumn> columns, std::string description)
    : files_(std::move(columns)), description_(std::move(description)) {
  require(!files_.empty(), description_, "the data must have at least one array. Got none.");
  size_ = files_.front().rows;
  for (const FileColumn& file : files_) {
    require(file.rows == size_, description_, "all arrays must have the same number of samples. Got ", size_, " and ",
            file.rows, ".");
    columns_.push_back(file.column);
  }
}

void FileRows::fetch(int column, std::span<const int64_t> rows, void* out) const {
  const FileColumn& from = files_[static_cast<size_t>(column)];
  const int64_t row_bytes = from.column.shape.count() * size_of(from.column.dtype);
  std::byte* to = static_cast<std::byte*>(out);
  for (size_t i = 0; i < rows.size();) {
    size_t end = i + 1;
    while (end < rows.size() && rows[end] == rows[end - 1] + 1) ++end;
    require(rows[i] >= 0 && rows[end - 1] < size_, description_, "rows must be in [0, ", size_, "). Got ", rows[i],
            " to ", rows[end - 1], ".");
    const int64_t bytes = static_cast<int64_t>(end - i) * row_bytes;
    from.file->read_at(from.offset + rows[i] * row_bytes, to, bytes);
    to += bytes;
    i = end;
  }
}

}  // namespace batchwise
