// All elements but the first.
#include <algorithm>

#include <batchwise/dataset.h>

#include "data/sources/row_range.h"
#include "data/stages/following_stage.h"

namespace batchwise {
namespace {

// Passes over the first elements when it is asked for one: what they fail with is thrown to who asks, as any failure.
class SkipStream final : public Stream {
 public:
  SkipStream(std::unique_ptr<Stream> before, int64_t left) : before_(std::move(before)), left_(left) {}
  bool next(Element& element) override {
    settle();
    return before_->next(element);
  }
  int64_t skip(int64_t count) override {
    settle();
    return before_->skip(count);
  }

 private:
  void settle() {
    if (left_ > 0) before_->skip(left_);
    left_ = 0;
  }
  std::unique_ptr<Stream> before_;
  int64_t left_;
};

class Skip final : public FollowingStage {
 public:
  Skip(std::shared_ptr<const Stage> before, int64_t count) : FollowingStage(std::move(before)), count_(count) {}
  int64_t cardinality() const override {
    const int64_t all = before().cardinality();
    if (count_ < 0) return 0;
    return all < 0 ? all : std::max<int64_t>(0, all - count_);
  }
  std::unique_ptr<Stream> open(uint64_t pass) const override {
    // Of an infinite data set, too, -1 leaves nothing.
    if (count_ < 0) return std::make_unique<Nothing>();
    return std::make_unique<SkipStream>(before().open(pass), count_);
  }
  std::shared_ptr<const Source> rows() const override {
    auto rows = before().rows();
    if (!rows) return nullptr;
    const int64_t all = rows->size(), first = count_ < 0 ? all : std::min(count_, all);
    return std::make_shared<RowRange>(std::move(rows), first, all - first);
  }
  std::shared_ptr<const Stage> samples() const override { return count_ == 0 ? before().samples() : nullptr; }

 private:
  class Nothing final : public Stream {
    bool next(Element&) override { return false; }
  };
  int64_t count_;
};

}  // namespace

Dataset Dataset::skip(int64_t count) const { return then(std::make_shared<Skip>(stage(), count)); }

}  // namespace batchwise
