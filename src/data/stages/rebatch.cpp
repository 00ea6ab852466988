// Batches of other sizes from batches of any size.
#include <algorithm>
#include <cstring>

#include <batchwise/dataset.h>

#include "data/stages/counts.h"
#include "data/stages/following_stage.h"
#include "data/stages/unbatch.h"

namespace batchwise {
namespace {

class RebatchStream final : public Stream {
 public:
  RebatchStream(std::unique_ptr<Stream> before, std::vector<int64_t> sizes, bool drop_remainder)
      : before_(std::move(before)), sizes_(std::move(sizes)), drop_remainder_(drop_remainder) {}
  bool next(Element& element) override {
    const int64_t size = sizes_[turn_];
    int64_t first = 0, rows = 0;
    std::span<const Array> batch = before_.rest(first, rows);
    if (batch.empty()) {
      // A size of 0 that is due after the last rows is an element, too.
      if (last_.empty() || ended_ || size != 0) return false;
      turn_ = (turn_ + 1) % sizes_.size();
      ended_ = turn_ == 0 || sizes_[turn_] != 0;
      element = last_;
      return true;
    }
    last_.clear();
    Element made;
    for (const Array& array : batch) {
      made.emplace_back(array.dtype(), array.shape().without_batch().with_batch(size));
      last_.emplace_back(array.dtype(), array.shape().without_batch().with_batch(0));
    }
    int64_t filled = 0;
    while (filled < size) {
      batch = before_.rest(first, rows);
      if (batch.empty()) break;
      require(batch.size() == made.size(), "rebatch", "all batches must have the same components, ", made.size(),
              ". Got one with ", batch.size(), ".");
      const int64_t here = std::min(rows, size - filled);
      for (size_t c = 0; c < made.size(); ++c) {
        require(
            batch[c].dtype() == made[c].dtype() && batch[c].shape().without_batch() == made[c].shape().without_batch(),
            "rebatch", "all batches must have rows of one shape and type, ", made[c].shape().without_batch(), " of ",
            made[c].dtype(), ". Got ", batch[c].shape().without_batch(), " of ", batch[c].dtype(), ".");
        const int64_t bytes = made[c].shape().without_batch().count() * size_of(made[c].dtype());
        std::memcpy(made[c].raw() + filled * bytes, batch[c].raw() + first * bytes, static_cast<size_t>(here * bytes));
        made[c].keep_also(batch[c]);
      }
      filled += here;
      before_.skip(here);
    }
    if (filled < size) {
      if (drop_remainder_) return false;
      for (Array& array : made) array = array.slice(0, filled);
    }
    turn_ = (turn_ + 1) % sizes_.size();
    element = std::move(made);
    return true;
  }

 private:
  UnbatchStream before_;
  const std::vector<int64_t> sizes_;
  const bool drop_remainder_;
  size_t turn_ = 0;
  Element last_;  // without rows
  bool ended_ = false;
};

class Rebatch final : public FollowingStage {
 public:
  Rebatch(std::shared_ptr<const Stage> before, std::vector<int64_t> sizes, bool drop_remainder)
      : FollowingStage(std::move(before)), sizes_(std::move(sizes)), drop_remainder_(drop_remainder) {
    int64_t sum = 0;
    for (const int64_t size : sizes_) {
      require(size >= 0, "rebatch", "batch sizes must be 0 or more. Got ", size, ".");
      sum = sum_of_counts(std::max<int64_t>(sum, 0), size);
    }
    require(sum > 0, "rebatch", "one of the batch sizes must be at least 1. Got none.");
    for (const Column& column : this->before().columns())
      require(column.shape.rank() >= 1, "rebatch", "elements must have a leading dimension. Got scalars.");
  }
  std::vector<Column> columns() const override {
    std::vector<Column> columns = before().columns();
    for (Column& column : columns)
      column.shape =
          column.shape.without_batch().with_batch(drop_remainder_ && sizes_.size() == 1 ? sizes_[0] : kUnknownDim);
    return columns;
  }
  int64_t cardinality() const override {
    const int64_t batches = before().cardinality();
    return batches == kInfinite || batches == 0 ? batches : kUnknown;
  }
  std::unique_ptr<Stream> open(uint64_t pass) const override {
    return std::make_unique<RebatchStream>(before().open(pass), sizes_, drop_remainder_);
  }
  // The batch at hand, and the one that is made of it.
  int64_t resident_bytes() const override {
    std::vector<Column> rows = before().columns();
    for (Column& column : rows) column.shape = column.shape.without_batch();
    return before().resident_bytes() + element_bytes(before().columns()) +
           bytes_of(*std::max_element(sizes_.begin(), sizes_.end()), element_bytes(rows));
  }

 private:
  std::vector<int64_t> sizes_;
  bool drop_remainder_;
};

}  // namespace

Dataset Dataset::rebatch(const RebatchSizes& rows, const BatchOptions& options) const {
  return then(std::make_shared<Rebatch>(stage(), rows.sizes, options.drop_remainder));
}

}  // namespace batchwise
