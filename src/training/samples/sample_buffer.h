// The samples of one batch, for data that comes one element after another: filled between steps, read by lanes.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <batchwise/stage.h>

namespace batchwise {

// Takes no memory until it is opened: what it will take can be planned before.
class SampleBuffer final : public Source {
 public:
  SampleBuffer(std::vector<Column> columns, int64_t capacity, std::string description);
  int64_t size() const override { return capacity_; }
  const std::vector<Column>& columns() const override { return columns_; }
  std::string describe() const override { return description_; }
  int64_t resident_bytes() const override;  // once it is open
  void open();                              // the first time; throws BudgetError
  void fetch(int column, std::span<const int64_t> rows, void* out) const override;

  // REQUIRES: it is open. Copies `rows` samples that lie in `from` from row `first` on; with `first` below 0, the one
  // sample that `from` is. Throws unless they have the columns' shapes and types. Text is copied along and lives until
  // its row is put anew.
  void put(int64_t row, std::span<const Array> from, int64_t first, int64_t rows);
  void swap(SampleBuffer& other) {  // REQUIRES: the same columns and capacity, both open
    arrays_.swap(other.arrays_);
    texts_.swap(other.texts_);
  }

 private:
  std::vector<Column> columns_;
  std::vector<int64_t> row_bytes_;
  int64_t capacity_;
  std::string description_;
  std::vector<Array> arrays_;
  std::vector<std::vector<std::string>> texts_;  // per column: what its elements point to; empty for numbers
};

}  // namespace batchwise
