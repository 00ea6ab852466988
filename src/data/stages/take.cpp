// The first elements.
#include <algorithm>

#include <batchwise/dataset.h>

#include "data/sources/row_range.h"
#include "data/stages/following_stage.h"
#include "data/stages/rows.h"

namespace batchwise {
namespace {

class TakeStream final : public Stream {
 public:
  TakeStream(std::unique_ptr<Stream> before, int64_t left) : before_(std::move(before)), left_(left) {}
  bool next(Element& element) override {
    if (left_ == 0) return false;
    const bool there = before_->next(element);  // one that fails is not counted
    if (!there) left_ = 0;
    else if (left_ > 0) --left_;
    return there;
  }
  int64_t skip(int64_t count) override {
    const int64_t done = before_->skip(left_ < 0 ? count : std::min(count, left_));
    if (left_ > 0) left_ -= done;
    return done;
  }

 private:
  std::unique_ptr<Stream> before_;
  int64_t left_;  // negative: all
};

class Take final : public FollowingStage {
 public:
  Take(std::shared_ptr<const Stage> before, int64_t count) : FollowingStage(std::move(before)), count_(count) {}
  int64_t cardinality() const override {
    const int64_t all = before().cardinality();
    if (count_ < 0 || all == kUnknown) return count_ == 0 ? 0 : all;
    return all == kInfinite ? count_ : std::min(all, count_);
  }
  std::unique_ptr<Stream> open(uint64_t pass) const override {
    return std::make_unique<TakeStream>(before().open(pass), count_ < 0 ? -1 : count_);
  }
  std::shared_ptr<const Source> rows() const override {
    auto rows = before().rows();
    if (!rows || count_ < 0) return rows;
    const int64_t count = std::min(count_, rows->size());
    return std::make_shared<RowRange>(std::move(rows), 0, count);
  }
  std::shared_ptr<const Stage> samples() const override { return count_ < 0 ? before().samples() : nullptr; }

 private:
  int64_t count_;
};

}  // namespace

Dataset Dataset::take(int64_t count) const { return then(std::make_shared<Take>(stage(), count)); }

}  // namespace batchwise
