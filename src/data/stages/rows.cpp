// Rows of a source, one after another.
#include "data/stages/rows.h"

#include <algorithm>
#include <optional>

#include <batchwise/dataset.h>

#include "data/stages/batch_memory.h"
#include "data/stages/following_stage.h"
#include "data/stages/read_ahead.h"

namespace batchwise {
namespace {

class RowsStream final : public Stream {
 public:
  RowsStream(std::shared_ptr<const Source> source, uint64_t pass) : source_(std::move(source)), pass_(pass) {}
  bool next(Element& element) override {
    if (row_ >= source_->size()) return false;
    element = read_row(*source_, row_++, pass_);
    return true;
  }
  int64_t skip(int64_t count) override {
    const int64_t done = std::min(count, source_->size() - row_);
    row_ += done;
    return done;
  }

 private:
  std::shared_ptr<const Source> source_;
  uint64_t pass_;
  int64_t row_ = 0;
};

// The workers start with the first row asked for: what is passed over before, nobody decodes.
class DecodedStream final : public Stream {
 public:
  DecodedStream(std::shared_ptr<const Source> source, uint64_t pass, std::shared_ptr<StageMeter> meter)
      : source_(std::move(source)), pass_(pass), meter_(std::move(meter)) {}
  bool next(Element& element) override {
    if (!ahead_)
      ahead_.emplace([this](Element&, int64_t index) { return first_ + index < source_->size(); },
                     [this](const Element&, int64_t index) { return read_row(*source_, first_ + index, pass_); },
                     kAutotune, kAutotune, *meter_, 0, ReadAhead::Asker::Works);
    return ahead_->next(element);
  }
  int64_t skip(int64_t count) override {
    if (ahead_) return ahead_->skip(count);
    const int64_t done = std::min(count, source_->size() - first_);
    first_ += done;
    return done;
  }

 private:
  std::shared_ptr<const Source> source_;
  uint64_t pass_;
  std::shared_ptr<StageMeter> meter_;
  int64_t first_ = 0;               // that is not passed over
  std::optional<ReadAhead> ahead_;  // last: its workers use the rest
};

}  // namespace

Element room_for_rows(const Source& source, int64_t rows, BatchMemory* memory) {
  Element element;
  for (const Column& column : source.columns()) {
    const Shape shape = column.shape.with_batch(rows);
    element.push_back(memory && column.dtype == DType::Float32 ? memory->floats(shape) : Array(column.dtype, shape));
    if (column.dtype == DType::String) element.back().keep(source.weak_from_this().lock());
  }
  return element;
}

void read_into(const Source& source, std::span<const int64_t> rows, uint64_t pass, Element& element) {
  std::vector<void*> out;
  for (Array& array : element) out.push_back(array.raw());
  source.read(rows, pass, out);
}

Element read_rows(const Source& source, std::span<const int64_t> rows, uint64_t pass, BatchMemory* memory) {
  Element element = room_for_rows(source, static_cast<int64_t>(rows.size()), memory);
  read_into(source, rows, pass, element);
  return element;
}

Element read_row(const Source& source, int64_t row, uint64_t pass) {
  Element element;
  for (const Column& column : source.columns()) {
    element.emplace_back(column.dtype, column.shape);
    if (column.dtype == DType::String) element.back().keep(source.weak_from_this().lock());
  }
  read_into(source, {&row, 1}, pass, element);
  return element;
}

RowsStage::RowsStage(std::shared_ptr<const Source> source)
    : source_(std::move(source)), meter_(std::make_shared<StageMeter>("decode")) {}

std::unique_ptr<Stream> RowsStage::open(uint64_t pass) const {
  if (source_->decodes()) return std::make_unique<DecodedStream>(source_, pass, meter_);
  return std::make_unique<RowsStream>(source_, pass);
}

int64_t RowsStage::resident_bytes() const {
  return source_->resident_bytes() + (source_->decodes() ? ReadAhead::bytes(kAutotune, columns()) : 0);
}

void RowsStage::report(std::vector<StageFacts>& facts) const {
  if (meter_->elements > 0) facts.push_back(meter_->facts());
}

}  // namespace batchwise
