// The elements before the first for which a condition does not hold.
#include <batchwise/dataset.h>

#include "data/stages/following_stage.h"

namespace batchwise {
namespace {

using Condition = std::function<bool(const Element&)>;

class TakeWhileStream final : public Stream {
 public:
  TakeWhileStream(std::unique_ptr<Stream> before, const Condition& holds) : before_(std::move(before)), holds_(holds) {}
  bool next(Element& element) override {
    ended_ = ended_ || !before_->next(element) || !holds_(element);
    return !ended_;
  }

 private:
  std::unique_ptr<Stream> before_;
  const Condition& holds_;
  bool ended_ = false;
};

class TakeWhile final : public FollowingStage {
 public:
  TakeWhile(std::shared_ptr<const Stage> before, Condition holds)
      : FollowingStage(std::move(before)), holds_(std::move(holds)) {}
  int64_t cardinality() const override { return kUnknown; }
  std::unique_ptr<Stream> open(uint64_t pass) const override {
    return std::make_unique<TakeWhileStream>(before().open(pass), holds_);
  }

 private:
  Condition holds_;
};

}  // namespace

Dataset Dataset::take_while(std::function<bool(const Element&)> holds) const {
  return then(std::make_shared<TakeWhile>(stage(), std::move(holds)));
}

}  // namespace batchwise
