// Rows of a source, one after another.
#include "data/stages/rows.h"

#include <algorithm>

#include "data/stages/batch_memory.h"

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

Element read_into(const Source& source, std::span<const int64_t> rows, uint64_t pass, Element element) {
  std::vector<void*> out;
  for (Array& array : element) out.push_back(array.raw());
  source.read(rows, pass, out);
  for (Array& array : element)
    if (array.dtype() == DType::String) array.keep(source.weak_from_this().lock());
  return element;
}

}  // namespace

Element read_rows(const Source& source, std::span<const int64_t> rows, uint64_t pass, BatchMemory* memory) {
  Element element;
  for (const Column& column : source.columns()) {
    const Shape shape = column.shape.with_batch(static_cast<int64_t>(rows.size()));
    element.push_back(memory && column.dtype == DType::Float32 ? memory->floats(shape) : Array(column.dtype, shape));
  }
  return read_into(source, rows, pass, std::move(element));
}

Element read_row(const Source& source, int64_t row, uint64_t pass) {
  Element element;
  for (const Column& column : source.columns()) element.emplace_back(column.dtype, column.shape);
  return read_into(source, {&row, 1}, pass, std::move(element));
}

std::unique_ptr<Stream> RowsStage::open(uint64_t pass) const { return std::make_unique<RowsStream>(source_, pass); }

}  // namespace batchwise
