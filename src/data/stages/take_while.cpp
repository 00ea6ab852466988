// The elements before the first for which a condition does not hold.
#include <batchwise/dataset.h>

#include "data/stages/following_stage.h"
#include "data/stages/user_call.h"

namespace batchwise {
namespace {

using Condition = std::function<bool(const Element&)>;

class TakeWhileStream final : public Stream {
 public:
  TakeWhileStream(const Stage& before, const Condition& holds, uint64_t pass)
      : data_(before), before_(before.open(pass)), holds_(holds) {}
  bool next(Element& element) override {
    ended_ = ended_ || !before_->next(element) || !goes_on(element);
    return !ended_;
  }

 private:
  bool goes_on(const Element& element) {
    return user_call(
        "take_while", number_++, [&] { return data_.describe(); }, [&] { return holds_(element); });
  }
  const Stage& data_;
  std::unique_ptr<Stream> before_;
  const Condition& holds_;
  int64_t number_ = 0;
  bool ended_ = false;
};

class TakeWhile final : public FollowingStage {
 public:
  TakeWhile(std::shared_ptr<const Stage> before, Condition holds)
      : FollowingStage(std::move(before)), holds_(std::move(holds)) {}
  int64_t cardinality() const override { return kUnknown; }
  std::unique_ptr<Stream> open(uint64_t pass) const override {
    return std::make_unique<TakeWhileStream>(before(), holds_, pass);
  }

 private:
  Condition holds_;
};

}  // namespace

Dataset Dataset::take_while(std::function<bool(const Element&)> holds) const {
  return then(std::make_shared<TakeWhile>(stage(), std::move(holds)));
}

}  // namespace batchwise
