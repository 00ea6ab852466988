// A few stored rows that stand for many: so that memory over batch size is not the memory of the data.
#pragma once

#include <batchwise/batchwise.h>

#include <memory>
#include <utility>
#include <vector>

namespace bench {

class RepeatedRows : public batchwise::Source {
 public:
  RepeatedRows(batchwise::Dataset stored, int64_t rows) : stored_(std::move(stored)), rows_(rows) {}
  int64_t size() const override { return rows_; }
  const std::vector<batchwise::Column>& columns() const override { return stored_.source().columns(); }
  void fetch(int column, std::span<const int64_t> rows, void* out) const override {
    const batchwise::Column& facts = columns()[static_cast<size_t>(column)];
    const int64_t bytes = facts.shape.count() * batchwise::size_of(facts.dtype);
    auto* to = static_cast<char*>(out);
    for (const int64_t row : rows) {
      const int64_t one = row % stored_.size();
      stored_.source().fetch(column, {&one, 1}, to);
      to += bytes;
    }
  }
  int64_t resident_bytes() const override { return stored_.source().resident_bytes(); }

 private:
  batchwise::Dataset stored_;
  int64_t rows_;
};

inline batchwise::Dataset repeated(const batchwise::Dataset& stored, int64_t rows) {
  return {std::make_shared<RepeatedRows>(stored, rows), stored.num_inputs(), stored.num_targets()};
}

}  // namespace bench
