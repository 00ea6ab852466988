// Elements made ahead of time, in a thread of their own.
#include <optional>

#include <batchwise/dataset.h>

#include "data/stages/following_stage.h"
#include "data/stages/read_ahead.h"

namespace batchwise {
namespace {

class PrefetchStream final : public Stream {
 public:
  PrefetchStream(std::unique_ptr<Stream> before, int64_t depth, StageMeter& meter)
      : before_(std::move(before)), depth_(depth), meter_(meter) {}
  bool next(Element& element) override {
    if (!ahead_)
      ahead_.emplace([this](Element& made, int64_t) { return before_->next(made); },
                     [](Element made, int64_t) { return made; }, 1, depth_, meter_);
    return ahead_->next(element);
  }
  // Before the thread has started, what comes before may know a shorter way.
  int64_t skip(int64_t count) override { return ahead_ ? ahead_->skip(count) : before_->skip(count); }

 private:
  std::unique_ptr<Stream> before_;
  int64_t depth_;
  StageMeter& meter_;
  std::optional<ReadAhead> ahead_;
};

class Prefetch final : public FollowingStage {
 public:
  Prefetch(std::shared_ptr<const Stage> before, int64_t depth)
      : FollowingStage(std::move(before)), depth_(depth), meter_("prefetch") {
    require(depth >= kAutotune, "prefetch", "the number of elements must be kAutotune, 0 or more. Got ", depth, ".");
  }
  std::unique_ptr<Stream> open(uint64_t pass) const override {
    if (depth_ == 0) return before().open(pass);
    return std::make_unique<PrefetchStream>(before().open(pass), depth_, meter_);
  }
  std::shared_ptr<const Source> rows() const override { return before().rows(); }
  int64_t rows_each() const override { return before().rows_each(); }
  std::shared_ptr<const Stage> samples() const override { return before().samples(); }
  void report(std::vector<StageFacts>& facts) const override {
    before().report(facts);
    if (depth_ != 0) facts.push_back(meter_.facts());
  }
  int64_t resident_bytes() const override {
    return before().resident_bytes() + (depth_ == 0 ? 0 : ReadAhead::depth_bytes(depth_, columns()));
  }

 private:
  int64_t depth_;
  mutable StageMeter meter_;
};

}  // namespace

Dataset Dataset::prefetch(int64_t elements) const { return then(std::make_shared<Prefetch>(stage(), elements)); }

}  // namespace batchwise
