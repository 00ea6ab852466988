// A source as the first stage of a pipeline: its rows in storage order.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <batchwise/stage.h>

namespace batchwise {

class RowsStage final : public Stage {
 public:
  explicit RowsStage(std::shared_ptr<const Source> source) : source_(std::move(source)) {}
  std::vector<Column> columns() const override { return source_->columns(); }
  int64_t cardinality() const override { return source_->size(); }
  std::unique_ptr<Stream> open(uint64_t pass) const override;
  std::string describe() const override { return source_->describe(); }
  int64_t resident_bytes() const override { return source_->resident_bytes(); }
  std::shared_ptr<const Source> rows() const override { return source_; }

 private:
  std::shared_ptr<const Source> source_;
};

// The elements `rows` of a source, one array per column. Texts keep a source that is owned by a shared pointer.
class BatchMemory;
Element read_rows(const Source& source, std::span<const int64_t> rows, uint64_t pass, BatchMemory* memory = nullptr);
Element read_row(const Source& source, int64_t row,
                 uint64_t pass);  // without the leading dimension

}  // namespace batchwise
