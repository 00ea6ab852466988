// Consecutive rows of another source.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <batchwise/dataset.h>

namespace batchwise {

class RowRange : public Source {
 public:
  RowRange(std::shared_ptr<const Source> source, int64_t first, int64_t count);  // throws unless inside the source

  int64_t size() const override { return count_; }
  const std::vector<Column>& columns() const override { return source_->columns(); }
  void fetch(int column, std::span<const int64_t> rows, void* out) const override;
  std::string describe() const override { return source_->describe(); }
  // The whole source's: a range keeps all of it alive. Ranges of one source hold the same bytes.
  int64_t resident_bytes() const override { return source_->resident_bytes(); }

  const std::shared_ptr<const Source>& whole() const { return source_; }
  int64_t first() const { return first_; }

 private:
  std::shared_ptr<const Source> source_;
  int64_t first_;
  int64_t count_;
};

}  // namespace batchwise
