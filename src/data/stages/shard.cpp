// Every n-th element.
#include <batchwise/dataset.h>

#include "data/sources/picked_rows.h"
#include "data/stages/following_stage.h"

namespace batchwise {
namespace {

int64_t part_of(int64_t all, int64_t count, int64_t index) { return all / count + (all % count > index ? 1 : 0); }

class ShardStream final : public Stream {
 public:
  ShardStream(std::unique_ptr<Stream> before, int64_t count, int64_t index)
      : before_(std::move(before)), count_(count), ahead_(index) {}
  bool next(Element& element) override {
    if (before_->skip(ahead_) < ahead_) return false;
    ahead_ = count_ - 1;
    return before_->next(element);
  }

 private:
  std::unique_ptr<Stream> before_;
  int64_t count_, ahead_;
};

class ShardRows final : public PickedRows {
 public:
  ShardRows(std::shared_ptr<const Source> source, int64_t count, int64_t index)
      : PickedRows(source, part_of(source->size(), count, index)), count_(count), index_(index) {}

 private:
  Picked pick(int64_t row, uint64_t pass) const override { return {row * count_ + index_, pass}; }
  int64_t count_, index_;
};

class Shard final : public FollowingStage {
 public:
  Shard(std::shared_ptr<const Stage> before, int64_t count, int64_t index)
      : FollowingStage(std::move(before)), count_(count), index_(index) {
    require(count >= 1, "shard", "the number of shards must be at least 1. Got ", count, ".");
    require(index >= 0 && index < count, "shard", "the index must be in [0, ", count, "). Got ", index, ".");
  }
  int64_t cardinality() const override {
    const int64_t all = before().cardinality();
    return all < 0 ? all : part_of(all, count_, index_);
  }
  std::unique_ptr<Stream> open(uint64_t pass) const override {
    return std::make_unique<ShardStream>(before().open(pass), count_, index_);
  }
  std::shared_ptr<const Source> rows() const override {
    auto rows = before().rows();
    return rows ? std::make_shared<ShardRows>(std::move(rows), count_, index_) : nullptr;
  }

 private:
  int64_t count_, index_;
};

}  // namespace

Dataset Dataset::shard(int64_t count, int64_t index) const {
  return then(std::make_shared<Shard>(stage(), count, index));
}

}  // namespace batchwise
