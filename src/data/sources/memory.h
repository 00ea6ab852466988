// Samples in memory: arrays of the user, or what was loaded from files.
#pragma once

#include <string>
#include <vector>

#include <batchwise/dataset.h>

namespace batchwise {

class MemorySource : public Source {
 public:
  // The arrays' first dimensions are the samples and must agree. `names` is empty or has one name per array.
  explicit MemorySource(std::vector<Array> arrays, std::vector<std::string> names = {},
                        std::string description = "data");

  int64_t size() const override { return size_; }
  const std::vector<Column>& columns() const override { return columns_; }
  void fetch(int column, std::span<const int64_t> rows, void* out) const override;
  const void* rows_at(int column, int64_t first, int64_t count) const override;
  std::string describe() const override { return description_; }
  int64_t resident_bytes() const override;

 private:
  std::vector<Array> arrays_;
  std::vector<Column> columns_;
  std::string description_;
  int64_t size_ = 0;
};

}  // namespace batchwise
