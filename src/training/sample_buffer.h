// The samples of one batch, for data that comes one element after another: filled between steps, read by lanes.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <batchwise/stage.h>

namespace batchwise {

class SampleBuffer final : public Source {
 public:
  SampleBuffer(std::vector<Column> columns, int64_t capacity, std::string description);
  int64_t size() const override { return capacity_; }
  const std::vector<Column>& columns() const override { return columns_; }
  std::string describe() const override { return description_; }
  int64_t resident_bytes() const override;
  void fetch(int column, std::span<const int64_t> rows, void* out) const override;

  // Copies `rows` samples that lie in `from` from row `first` on; with `first` below 0, the one sample that `from` is.
  // Throws unless they have the columns' shapes and types.
  void put(int64_t row, std::span<const Array> from, int64_t first, int64_t rows);
  void swap(SampleBuffer& other) { arrays_.swap(other.arrays_); }  // REQUIRES: the same columns and capacity

 private:
  std::vector<Column> columns_;
  std::vector<int64_t> row_bytes_;
  int64_t capacity_;
  std::string description_;
  std::vector<Array> arrays_;
};

}  // namespace batchwise
