// The rows of batches as elements.
#include <algorithm>

#include <batchwise/dataset.h>

#include "data/stages/counts.h"
#include "data/stages/following_stage.h"
#include "data/stages/unbatch.h"

namespace batchwise {

bool UnbatchStream::load() {
  while (row_ == rows_) {
    if (!before_->next(batch_)) return false;
    require(!batch_.empty() && batch_[0].shape().rank() >= 1, "unbatch",
            "elements must have a leading dimension. Got scalars.");
    const int64_t rows = batch_[0].shape()[0];
    for (const Array& array : batch_)  // before any of them is given
      require(array.shape().rank() >= 1 && array.shape()[0] == rows, "unbatch",
              "all components of a batch must have as many rows, ", rows, ". Got the shape ", array.shape(), ".");
    rows_ = rows;
    row_ = 0;
    if (rows_ != rows_each_) even_ = false;
  }
  return true;
}

bool UnbatchStream::next(Element& element) {
  if (!load()) return false;
  element.clear();
  for (const Array& array : batch_)
    element.push_back(array.slice(row_, 1).reshaped(array.shape().without_batch()).clone());
  ++row_;
  return true;
}

int64_t UnbatchStream::skip(int64_t count) {
  int64_t done = 0;
  while (done < count && load()) {
    const int64_t here = std::min(count - done, rows_ - row_);
    row_ += here;
    done += here;
  }
  return done;
}

int64_t UnbatchStream::skip_even(int64_t count) {
  if (rows_each_ == 0) return skip(count);
  const int64_t whole = rows_each_ * before_->skip(count / rows_each_);
  return whole < count / rows_each_ * rows_each_ ? whole : whole + skip(count - whole);
}

void UnbatchStream::expect(int64_t rows) {
  if (rows_each_ > 0) before_->expect((rows + rows_each_ - 1) / rows_each_);
}

std::span<const Array> UnbatchStream::rest(int64_t& first, int64_t& rows) {
  if (!load()) return {};
  first = row_;
  rows = rows_ - row_;
  return batch_;
}

namespace {

class Unbatch final : public FollowingStage {
 public:
  explicit Unbatch(std::shared_ptr<const Stage> before) : FollowingStage(std::move(before)) {
    for (const Column& column : this->before().columns())
      require(column.shape.rank() >= 1, "unbatch", "elements must have a leading dimension. Got scalars.");
  }
  std::vector<Column> columns() const override {
    std::vector<Column> columns = before().columns();
    for (Column& column : columns) column.shape = column.shape.without_batch();
    return columns;
  }
  int64_t cardinality() const override {
    const int64_t batches = before().cardinality();
    if (batches == kInfinite) return kInfinite;
    const std::vector<Column> columns = before().columns();
    if (batches < 0 || columns.empty()) return batches == 0 ? 0 : kUnknown;
    const int64_t rows = columns[0].shape[0];
    return rows < 0 ? kUnknown : product_of_counts(batches, rows);
  }
  std::unique_ptr<Stream> open(uint64_t pass) const override {
    return std::make_unique<UnbatchStream>(before().open(pass));
  }
  int64_t resident_bytes() const override { return before().resident_bytes() + element_bytes(before().columns()); }
};

}  // namespace

Dataset Dataset::unbatch() const { return then(std::make_shared<Unbatch>(stage())); }

}  // namespace batchwise
