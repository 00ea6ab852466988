// A source as the first stage of a pipeline: its rows in storage order.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <batchwise/stage.h>

namespace batchwise {

struct StageMeter;

// Rows of a source that decodes are made ahead, by as many workers as are waited for.
class RowsStage final : public Stage {
 public:
  explicit RowsStage(std::shared_ptr<const Source> source);
  std::vector<Column> columns() const override { return source_->columns(); }
  int64_t cardinality() const override { return source_->size(); }
  std::unique_ptr<Stream> open(uint64_t pass) const override;
  std::string describe() const override { return source_->describe(); }
  std::string files() const override { return source_->identity(); }
  void list_files(const FileSink& sink) const override { source_->list_files(sink); }
  void hold_decoded(DecodedRoom& room) const override { source_->hold_decoded(room); }
  int64_t resident_bytes() const override;
  void report(std::vector<StageFacts>& facts) const override;
  std::shared_ptr<const Source> rows() const override { return source_; }

 private:
  std::shared_ptr<const Source> source_;
  std::shared_ptr<StageMeter> meter_;
};

class BatchMemory;
// An element of so many rows, to be read into. Texts keep a source that is owned by a shared pointer.
Element room_for_rows(const Source& source, int64_t rows, BatchMemory* memory = nullptr);
void read_into(const Source& source, std::span<const int64_t> rows, uint64_t pass, Element& element);
// The elements `rows` of a source, one array per column.
Element read_rows(const Source& source, std::span<const int64_t> rows, uint64_t pass, BatchMemory* memory = nullptr);
Element read_row(const Source& source, int64_t row,
                 uint64_t pass);  // without the leading dimension

}  // namespace batchwise
