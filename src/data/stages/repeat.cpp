// The elements again and again: each time is a pass of its own for what comes before.
#include <algorithm>
#include <limits>

#include <batchwise/dataset.h>

#include "data/sources/picked_rows.h"
#include "data/stages/counts.h"
#include "data/stages/following_stage.h"

namespace batchwise {
namespace {

// Time `turn` of pass `pass`. Passes of an endless stage are far apart.
uint64_t pass_of(uint64_t pass, int64_t count, int64_t turn) {
  return (count < 0 ? pass << 32 : pass * static_cast<uint64_t>(count)) + static_cast<uint64_t>(turn);
}

class RepeatStream final : public Stream {
 public:
  RepeatStream(const Stage& before, int64_t count, uint64_t pass) : before_(before), count_(count), pass_(pass) {}
  bool next(Element& element) override {
    while (open()) {
      if (stream_->next(element)) return found_ = true;
      leave();
    }
    return false;
  }
  int64_t skip(int64_t count) override {
    int64_t done = 0;
    while (done < count && open()) {
      const int64_t here = stream_->skip(count - done);
      done += here;
      if (here > 0) found_ = true;
      if (done < count) leave();
    }
    return done;
  }

 private:
  bool open() {
    if (stream_) return true;
    if (count_ >= 0 && turn_ >= count_) return false;
    stream_ = before_.open(pass_of(pass_, count_, turn_++));
    found_ = false;
    return true;
  }
  void leave() {
    stream_.reset();
    if (!found_ && count_ < 0) count_ = turn_;  // nothing, repeated without end, is nothing
  }

  const Stage& before_;
  int64_t count_;
  uint64_t pass_;
  int64_t turn_ = 0;
  std::unique_ptr<Stream> stream_;
  bool found_ = false;
};

class RepeatedRows final : public PickedRows {
 public:
  RepeatedRows(std::shared_ptr<const Source> source, int64_t count)
      : PickedRows(source, source->size() * count), size_(std::max<int64_t>(1, source->size())), count_(count) {}

 private:
  Picked pick(int64_t row, uint64_t pass) const override { return {row % size_, pass_of(pass, count_, row / size_)}; }
  int64_t size_, count_;
};

class Repeat final : public FollowingStage {
 public:
  Repeat(std::shared_ptr<const Stage> before, int64_t count)
      : FollowingStage(std::move(before)), count_(count < 0 ? -1 : count) {}
  int64_t cardinality() const override {
    const int64_t all = before().cardinality();
    if (count_ == 0 || all == 0) return 0;
    if (count_ < 0) return kInfinite;
    if (all < 0) return all;
    return product_of_counts(all, count_);
  }
  std::unique_ptr<Stream> open(uint64_t pass) const override {
    return std::make_unique<RepeatStream>(before(), count_, pass);
  }
  std::shared_ptr<const Source> rows() const override {
    auto rows = before().rows();
    if (!rows || count_ < 0 || (rows->size() > 0 && count_ > std::numeric_limits<int64_t>::max() / rows->size()))
      return nullptr;
    return count_ == 1 ? rows : std::make_shared<RepeatedRows>(std::move(rows), count_);
  }

 private:
  int64_t count_;
};

}  // namespace

Dataset Dataset::repeat(int64_t count) const { return then(std::make_shared<Repeat>(stage(), count)); }

}  // namespace batchwise
