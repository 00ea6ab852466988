// Consecutive elements stacked into batches.
#include "data/stages/batch.h"

#include <algorithm>
#include <cstring>

#include <batchwise/dataset.h>

#include "data/sources/row_range.h"
#include "data/stages/counts.h"
#include "data/stages/following_stage.h"
#include "data/stages/rows.h"

namespace batchwise {

void require_same_components(const std::vector<Element>& elements, const std::string& where) {
  const auto alike = [](const Array& a, const Array& b) { return a.dtype() == b.dtype(); };
  for (size_t r = 1; r < elements.size(); ++r)
    require(std::equal(elements[r].begin(), elements[r].end(), elements[0].begin(), elements[0].end(), alike), where,
            "the elements of a batch must have the same components. Got others in element ", r, " of the batch.");
}

Element stack(const std::vector<Element>& elements, const std::string& where) {
  require_same_components(elements, where);
  Element batch;
  const int64_t rows = static_cast<int64_t>(elements.size());
  for (size_t c = 0; c < elements[0].size(); ++c) {
    const Array& first = elements[0][c];
    Array array(first.dtype(), first.shape().with_batch(rows));
    const size_t bytes = static_cast<size_t>(first.bytes());
    for (size_t r = 0; r < elements.size(); ++r) {
      const Array& row = elements[r][c];
      require(row.shape() == first.shape(), where, "the elements of a batch must have the same shape, ", first.shape(),
              " in component ", c, ". Got ", row.shape(), " in element ", r,
              " of the batch. Elements of different lengths go into padded_batch.");
      std::memcpy(array.raw() + r * bytes, row.raw(), bytes);
      array.keep_also(row);
    }
    batch.push_back(std::move(array));
  }
  return batch;
}

int64_t batches_of(int64_t elements, int64_t rows, bool drop_remainder) {
  if (elements < 0) return elements;
  return elements / rows + (!drop_remainder && elements % rows > 0 ? 1 : 0);
}

bool BatchStream::next(Element& element) {
  std::vector<Element> elements;
  Element one;
  while (!ended_ && static_cast<int64_t>(elements.size()) < rows_) {
    if (before_->next(one)) elements.push_back(std::move(one));
    else ended_ = true;
  }
  if (elements.empty() || (drop_remainder_ && static_cast<int64_t>(elements.size()) < rows_)) return false;
  element = make_(elements);
  return true;
}

int64_t BatchStream::skip(int64_t count) {
  int64_t done = 0;
  while (done < count && !ended_) {
    const int64_t here = before_->skip(rows_);
    ended_ = here < rows_;
    if (here == rows_ || (here > 0 && !drop_remainder_)) ++done;
  }
  return done;
}

namespace {

class BatchStage final : public FollowingStage {
 public:
  BatchStage(std::shared_ptr<const Stage> before, int64_t rows, bool drop_remainder)
      : FollowingStage(std::move(before)), rows_(rows), drop_remainder_(drop_remainder) {
    require(rows >= 1, "batch", "the batch size must be at least 1. Got ", rows, ".");
  }
  std::vector<Column> columns() const override {
    std::vector<Column> columns = before().columns();
    for (Column& column : columns) column.shape = column.shape.with_batch(drop_remainder_ ? rows_ : kUnknownDim);
    return columns;
  }
  int64_t cardinality() const override { return batches_of(before().cardinality(), rows_, drop_remainder_); }
  std::unique_ptr<Stream> open(uint64_t pass) const override {
    return std::make_unique<BatchStream>(
        before().open(pass), rows_, drop_remainder_,
        [where = describe()](const std::vector<Element>& elements) { return stack(elements, where); });
  }
  int64_t resident_bytes() const override {
    return before().resident_bytes() +
           bytes_of(held_of(rows_, before().cardinality()), 2 * element_bytes(before().columns()));
  }
  int64_t rows_each() const override { return rows_; }
  // The samples that come into batches: those of a remainder that is dropped do not.
  std::shared_ptr<const Stage> samples() const override {
    if (!drop_remainder_) return before_pointer();
    const int64_t batches = cardinality();
    if (batches == kInfinite) return before_pointer();
    if (batches == kUnknown) return nullptr;
    return Dataset(before_pointer()).take(batches * rows_).stage();
  }

 private:
  int64_t rows_;
  bool drop_remainder_;
};

}  // namespace

Dataset Dataset::batch(int64_t rows, const BatchOptions& options) const {
  return then(std::make_shared<BatchStage>(stage(), rows, options.drop_remainder));
}

}  // namespace batchwise
